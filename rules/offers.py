"""A suggestion as people and programs get it."""

from dataclasses import dataclass

from rules.cooccurrence import Company
from rules.evidence import Evidence, Sample
from rules.naming import shape_of
from rules.records import hashed
from rules.spellings import Likeness
from rules.wanted import Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A form to add to an entry, or as a new entry where `entry` is empty.

    `kind`: inflection, cognate, variant, transliteration; or person, organization for a new name. `languages` are
    those of the items that say theirs, the most frequent first. The id is the same whenever the same is suggested.
    """

    watchlist: str
    entry: str
    form: str
    kind: str
    why: str
    count: int
    languages: tuple[str, ...]
    samples: tuple[Sample, ...]

    @property
    def id(self) -> str:
        """Eight hexadecimal digits."""
        return hashed("suggestion", self.watchlist, self.entry, self.form)[:8]


def of_spelling(term: Term, how: Likeness, evidence: Evidence) -> Suggestion:
    """A name of the entry of `term`, written otherwise."""
    return Suggestion(
        watchlist=term.watchlist,
        entry=term.entry,
        form=evidence.form,
        kind=how.value,
        why=f"{how.value} of {term.text}",
        count=evidence.count,
        languages=_languages(evidence),
        samples=tuple(evidence.samples),
    )


def of_name(company: Company, evidence: Evidence, watchlist: str) -> Suggestion:
    """A new entry for `watchlist`."""
    beside = f"in {company.together} of {company.beside} items with {company.key[1]}"
    return Suggestion(
        watchlist=watchlist,
        entry="",
        form=evidence.form,
        kind=shape_of(evidence.form).value,
        why=f"{beside}, {company.apart} of {company.others} others",
        count=company.together + company.apart,
        languages=_languages(evidence),
        samples=tuple(evidence.samples),
    )


def _languages(evidence: Evidence) -> tuple[str, ...]:
    return tuple(language for language, _ in evidence.languages.most_common())
