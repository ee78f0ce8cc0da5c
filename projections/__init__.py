"""Read models: one file a view, and the engine that folds events into all of them."""
