"""Read a scenario from the content of its file, write it back, and give it its hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from zoning.errors import InputError, ZoningError
from zoning.scenarios.fields import FIELDS, HEADER, value_of
from zoning.scenarios.model import (
    FORMAT,
    KIND_OF,
    KINDS,
    VERSION,
    AddFacility,
    AddLine,
    AddRoad,
    Existing,
    Scenario,
    SetLanes,
    SetModes,
)
from zoning.text import N_, Translate, english

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoning.scenarios.model import Modification

MOST_MODIFICATIONS = 1_000


class ScenarioError(InputError):
    """A modification cannot be used: which one, and why."""

    def text(self, translate: Translate = english) -> str:
        """Return the sentence with its reason in the language of `translate`."""
        reason = self.values["reason"]
        words = reason.text(translate) if isinstance(reason, ZoningError) else reason
        return translate(self.template).format(item=self.values["item"], reason=str(words).removesuffix("."))


def refused(item: str, reason: ZoningError) -> ScenarioError:
    """Return the fault of one modification."""
    return ScenarioError(N_("“{item}” is refused: {reason}."), item=item, reason=reason)


@dataclass(frozen=True)
class Reading:
    """A scenario with the modifications that could be read, and a fault for each of the others."""

    scenario: Scenario
    faults: tuple[ScenarioError, ...] = ()

    def whole(self) -> Scenario:
        """Return the scenario; raise its first fault where there is one."""
        if self.faults:
            raise self.faults[0]
        return self.scenario


def read(content: object) -> Reading:
    """Return the scenario in the content of a JSON file: what is wrong in one modification leaves the others.

    Raises
    ------
    InputError
        It is no scenario at all, or of a later version, or its own fields cannot be read.
    """
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(N_("This is no scenario: its member “format” must be “{format}”."), format=FORMAT)
    if content.get("version") != VERSION:
        raise InputError(
            N_("The scenario has version {version}; this application reads version {known}."),
            version=str(content.get("version"))[:20], known=VERSION,
        )  # fmt: skip
    given = content.get("modifications", [])
    if not isinstance(given, list) or len(given) > MOST_MODIFICATIONS:
        raise InputError(N_("A scenario holds a list of at most {most} modifications."), most=MOST_MODIFICATIONS)
    header = _values(HEADER, {k: v for k, v in content.items() if k not in ("format", "version", "modifications")})
    kept: dict[str, Modification] = {}
    faults = []
    for number, one in enumerate(given, 1):
        named = str(one.get("id", "")).strip() if isinstance(one, dict) else ""
        item = named[:60] or str(number)
        try:
            made = modification(one)
            _check_new(made.id, kept)
            kept[made.id] = made
        except InputError as fault:
            faults.append(refused(item, fault))
    return Reading(Scenario(**header, modifications=tuple(kept.values())), tuple(faults))


def modification(content: object) -> Modification:
    """Return one modification of a file's content; InputError says what is wrong with it."""
    if not isinstance(content, dict):
        raise InputError(N_("it is no JSON object"))
    kind = content.get("kind")
    if kind not in KINDS:
        raise InputError(N_("there is no kind “{kind}”; there are {kinds}"), kind=str(kind)[:30],
                         kinds=", ".join(KINDS))  # fmt: skip
    made = KINDS[kind](**_values(FIELDS[kind], {k: v for k, v in content.items() if k != "kind"}))
    if isinstance(made, Existing) and not (made.road.strip() or made.line):
        raise InputError(N_("it names no road and draws no line"))
    if isinstance(made, SetLanes) and made.lanes is None and not made.one_way:
        raise InputError(N_("it changes neither lanes nor direction"))
    if isinstance(made, SetLanes) and made.one_way and not made.line:
        raise InputError(N_("one-way needs a line drawn in the direction of travel"))
    if isinstance(made, SetModes) and not (made.opened or made.closed):
        raise InputError(N_("it opens to no mode and closes to none"))
    if isinstance(made, AddRoad) and made.line[0] == made.line[-1]:
        raise InputError(N_("the road is a loop: it ends where it starts"))
    if isinstance(made, AddLine) and made.last_hour <= made.first_hour:
        raise InputError(N_("its service ends before it begins"))
    if isinstance(made, AddFacility) and made.at is None and not made.replaces:
        raise InputError(N_("it has neither a place nor the id of a facility that it replaces"))
    return made


def _check_new(one: str, kept: Mapping[str, Modification]) -> None:
    if one in kept:
        raise InputError(N_("another modification has the same id"))


def _values(known: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    foreign = sorted(set(given) - set(known))
    if foreign:
        raise InputError(N_("unknown field {fields}"), fields=", ".join(str(one)[:40] for one in foreign))
    missing = [name for name, field in known.items() if field.required and name not in given]
    if missing:
        raise InputError(N_("{field} is missing"), field=", ".join(missing))
    return {name: value_of(name, known[name], value) for name, value in given.items()}


def content_of(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as its file holds it: `read` gives it back; fields at their default are left out."""
    header = _said(scenario, skip=("modifications",))
    parts = [modification_content(one) for one in scenario.modifications]
    return {"format": FORMAT, "version": VERSION} | header | {"modifications": parts}


def modification_content(one: Modification) -> dict[str, Any]:
    """Return a modification as files hold it."""
    return {"kind": KIND_OF[type(one)]} | _said(one)


def _said(thing: Any, skip: tuple[str, ...] = ()) -> dict[str, Any]:  # noqa: ANN401 - any of our dataclasses
    unsaid = {field.name: field.default for field in fields(thing)}
    found = asdict(thing)
    return {
        name: _listed(value)
        for name, value in found.items()
        if name not in skip and (value != unsaid[name] or name == "id")
    }


def _listed(value: object) -> object:
    return [_listed(one) for one in value] if isinstance(value, tuple) else value


def text_of(scenario: Scenario) -> str:
    """Return the text of a scenario's JSON file: the same scenario, the same text."""
    return json.dumps(content_of(scenario), ensure_ascii=False, indent=1) + "\n"


def hash_of(scenario: Scenario) -> str:
    """Return a hash of what a scenario holds."""
    text = json.dumps(content_of(scenario), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
