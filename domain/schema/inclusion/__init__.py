"""Whether everything that one schema accepts is accepted by another: decided by search for a counterexample.

`old ⊆ new` holds exactly when nothing satisfies `old` and not `new`. So there is one question at the bottom, "is there
a value that satisfies all of these?", and its answer is a value, a proof that there is none, or that it could not be
decided. `terms` is the language of the question, `translate` brings schemas into it, `search` answers it, with one
module for each type of value.
"""
