"""Hold the planning code as data and check zones against it: no map, no store, no prose of the code."""

from zoning.standards.rules import Regulation, Rule, code_as_of, codes, regulations, rule, rules
from zoning.standards.verdicts import Finding, Ruling, judge

__all__ = ["Finding", "Regulation", "Rule", "Ruling", "code_as_of", "codes", "judge", "regulations", "rule", "rules"]
