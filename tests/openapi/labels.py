"""What the labels of oasdiff's pairs mean where the list of names does not tell, as their tests have it."""

# Checks that a test names to say that they are not there.
DENIED = {
    "TestRequestPropertyOneOfWrappingIsBreaking": {
        "request-property-removed",
        "request-property-became-optional",
        "request-body-one-of-added",
        "request-body-type-generalized",
    },
    "TestResponsePropertyOneOfWrappingIsBreaking": {
        "response-required-property-removed",
        "response-optional-property-removed",
        "response-body-one-of-added",
        "response-body-type-changed",
    },
    "TestRequestPropertyAllOfAdded_AnnotationOnly_EmitsInfo": {"request-body-all-of-added"},
    "TestRequestPropertyAllOfAdded_AnnotationOnly_AtProperty_EmitsInfo": {"request-property-all-of-added"},
    "TestResponsePropertyAllOfAdded_AnnotationOnly_EmitsInfoWithDistinctId": {"response-body-all-of-added"},
    "TestNullableWrapping_NarrowedEnumStillReported": {"request-property-became-nullable"},
    "TestNullableWrapping_ResponseProperty": {"response-property-enum-value-removed"},
}
# Checks that a test expects of the pair the other way round.
OF_THE_PAIR_BACK = {
    "TestMediaTypeSchemaExistence": {
        "request-body-media-type-schema-removed",
        "response-body-media-type-schema-removed",
    },
}
# Tests that are content with any one of the checks that they name.
EITHER = {"TestListOfTypesIntegration_ListToList", "TestListOfTypesIntegration_EdgeCases"}
_WEBHOOKS = "webhooks make no assets (api.md 2.7); a warning tells their number"
_THEIR_LATER = "a response promised the pattern that went (api.md 4.4); oasdiff warned of none then, and does since"
_OTHER_CHECK = "the test runs the check of types alone; a response that may be null now breaks (api.md 4.4)"
# Where no proof settles who is right: the rule by which ours differs. What stands here is not looked at for a proof.
EXPLAINED = {
    ("TestAPIGlobalSecurityyAdded", "api-global-security-added"): (
        "nothing was asked for before: a call without credentials is refused now (api.md 2.7, security_tightened)"
    ),
    ("TestRequestQueryParamMultiTypeToFormExplodeArraySafe", "request-parameter-type-generalized"): (
        "judged as values, not as text in a query: a number is no list of texts (api.md 4.4, type_changed)"
    ),
    ("TestMediaTypeSchemaExistence", "request-body-media-type-schema-removed"): (
        "with the schema goes a named property, which is risky though the rest is open (api.md 4.4)"
    ),
    ("TestBreaking_ModifyPattern", "request-property-pattern-changed"): (
        "a readOnly property is no part of requests (api.md 2.7); that of the response breaks, which is graver"
    ),
    ("TestBreaking_StabilityLevelDecreased_WithSources", "api-stability-decreased"): (
        "an unknown x- member is no change (api.md 4.4): no call fails, less is promised for later"
    ),
    ("TestWebhookOperationChangesDetected", "request-body-became-required"): _WEBHOOKS,
    ("TestWebhookAddedAndRemoved", "webhook-removed"): _WEBHOOKS,
}
EXPECTED_NOTHING = {
    "TestBreaking_AttributesNone": "the test counts attributes of the two changes that it finds",
    "TestBreaking_DeletePatten": _THEIR_LATER,
    "TestBreaking_GeneralizedPattern": _THEIR_LATER,
    "TestBreaking_ModifyPatternToAnyString": _THEIR_LATER,
    "TestTypeCheckerSuppressedForNullOnly31": _OTHER_CHECK,
    "TestResponseTypeCheckerSuppressedForNullOnly31": _OTHER_CHECK,
}
