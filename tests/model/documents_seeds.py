"""What a run of the property test of documents must have met, and the seeds that do."""

from __future__ import annotations

from tests.model import documents_compare, documents_generate, documents_model

MUST_OCCUR = (
    *(
        f"code {code}"
        for code in (
            "check.violated",
            "database.rejected",
            "database.suppressed",
            "group.failed",
            "key.missing",
            "key.not_found",
            "key.other_owner",
            "number.overflow",
            "operation.unknown",
            "reference.in_use",
            "reference.missing",
            "type.integer",
            "unique.in_file",
            "unique.in_target",
            "unique.swap",
            "value.required",
            "version.missing",
        )
    ),
    *(
        f"code {code} in a list"
        for code in (
            "check.violated",
            "database.rejected",
            "database.suppressed",
            "key.missing",
            "key.other_owner",
            "reference.in_use",
            "reference.missing",
            "type.integer",
            "unique.in_file",
            "unique.in_target",
            "unique.swap",
            "value.required",
        )
    ),
    *(
        f"outcome {outcome}"
        for outcome in (
            "inserted",
            "updated",
            "unchanged",
            "deleted",
            "superseded",
            "duplicate",
            "failed",
            "skipped",
            "removed",
        )
    ),
    *(
        f"outcome {outcome} of children"
        for outcome in (
            "inserted",
            "updated",
            "unchanged",
            "superseded",
            "duplicate",
            "failed",
            "skipped",
            "removed",
            "cascaded",
        )
    ),
    "a cascade of 2 rounds or more",
    "a cascade of 3 rounds or more",
    "a cascade across tables",
    "a child's key in two documents",
    "a deferrable constraint let a value change hands",
    "a delete lost",
    "a delete lost to what refers to its children",
    "a document with several reasons",
    "a list left out what is referred to",
    "a loser moved up",
    "a loser moved up with its children",
    "a reason at the third level",
    "a reference between tables of the load is broken",
    "a row failed with the one that it hangs on, and not its document",
    "a row twice in one document",
    "a row without a key that its list cannot do without",
    "a unique value in two documents",
    "a value freed by a row that is deleted",
    "a value freed by a row that is removed",
    "reasons at several places of a document",
    "refused by the tolerance",
)

# What the model alone does not show: that these runs were made.
RUNS = (
    "a document failed alone too",
    "a dry run",
    "a second run that changes nothing",
    "failed documents handed in again",
    "repaired documents closed the failures",
)

# Seeds are searched so far for what the first ones have not met.
SEARCH_SEEDS = 5000


def choose_seeds(count: int) -> list[int]:
    """The first `count` seeds, and the first seed for everything else that must occur."""
    missing = set(MUST_OCCUR)
    chosen = []
    for seed in range(max(count, SEARCH_SEEDS)):
        if seed >= count and not missing:
            break
        scenario = documents_generate.scenario(seed)
        result = documents_model.run(scenario.schema, scenario.state, scenario.load)
        seen = set(documents_compare.seen_in(result))
        if seed < count or seen & missing:
            chosen.append(seed)
            missing -= seen
    return chosen
