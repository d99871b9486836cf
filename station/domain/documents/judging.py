"""Whether a decoded document is right, quickly: no places, no words, no copies.

A plan has 50,000 packages, and nearly every plan is right. Rules are asked here in the same way as by the checker,
which names the faults; what this cannot judge it calls wrong, so that the checker decides.
"""

from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec.structs import FieldInfo

from station.domain.documents.describing import Ruled, fields_of, members, ruled_of
from station.domain.documents.fields import Characters, Rule, Table, Text

Taken = set[tuple[str, object]]
"""What must be unique and was seen."""
Judge = Callable[[Any, Taken], bool]


def is_right(found: object, wanted: type[Table]) -> bool:
    """Whether the checker would find no fault, unknown keys being ignored; False also where that is not certain."""
    return _judge(wanted)(found, set())


@cache
def fields_with_judges(table: type[Table]) -> tuple[tuple[FieldInfo, Judge], ...]:
    """Each field, and whether a value is one of its right scalars; a field that takes anything else is never judged."""
    return tuple((field, _scalar_judge(field.type)) for field in fields_of(table))


def _scalar_judge(wanted: Any) -> Judge:
    ruled = ruled_of(wanted) if get_origin(wanted) is Annotated else None
    base = ruled.base if ruled else wanted
    return _never if base not in (int, str, bool) or (ruled and ruled.unique) else _judge(wanted)


@cache
def _judge(wanted: Any) -> Judge:
    origin, args = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        return _ruled(ruled_of(wanted))
    if origin in (Union, UnionType):
        return _optional(members(wanted), has_none=NoneType in args)
    if origin is Literal:
        return lambda found, _: any(type(each) is type(found) and each == found for each in args)
    if origin is tuple:
        return _items(args)
    if origin is None and issubclass(wanted, Table):
        return _object(wanted)
    plain = origin or wanted
    return lambda found, _: type(found) is plain


def _never(_: object, __: Taken) -> bool:
    return False


def _ruled(ruled: Ruled) -> Judge:
    judge = _judge(ruled.base)
    before = [length.problem for length in ruled.lengths]
    problems = [rule.problem for rule in ruled.rules]
    unique = ruled.unique
    if ruled.base is str and len(problems) == 1 and not unique:
        return _one_text(ruled.rules[0])

    def is_right(found: Any, taken: Taken) -> bool:
        if type(found) is list and any(problem(found) for problem in before):
            return False
        if not judge(found, taken) or any(problem(found) for problem in problems):
            return False
        if not unique:
            return True
        if type(found) not in (str, int):
            return False
        before_all = len(taken)
        taken.update((what, found) for what in unique)
        return len(taken) == before_all + len(unique)

    return is_right


def _one_text(rule: Rule) -> Judge:
    """The rule of a text, asked without its words: most of a large document is such texts."""
    problem = rule.problem
    match rule:
        case Text(compiled=compiled):
            fullmatch = compiled.fullmatch
            return lambda found, _: type(found) is str and fullmatch(found) is not None
        case Characters(low=low, high=high, printable=False):
            return lambda found, _: type(found) is str and low <= len(found) <= high
        case Characters(low=low, high=high):
            return lambda found, _: type(found) is str and low <= len(found) <= high and found.isprintable()
    return lambda found, _: type(found) is str and problem(found) is None


def _optional(kinds: list[Any], *, has_none: bool) -> Judge:
    if len(kinds) != 1:
        return _never
    judge = _judge(kinds[0])
    return lambda found, taken: (has_none and found is None) or judge(found, taken)


def _items(args: tuple[Any, ...]) -> Judge:
    if args[-1] is not Ellipsis:
        return _never
    judge = _judge(args[0])
    return lambda found, taken: type(found) is list and all(judge(item, taken) for item in found)


def _object(wanted: type[Table]) -> Judge:
    if wanted.contradictions is not Table.contradictions or wanted.__struct_config__.tag_field:
        return _never
    known = [(field.encode_name, _judge(field.type), field.required) for field in fields_of(wanted)]

    def is_right(found: Any, taken: Taken) -> bool:
        if type(found) is not dict:
            return False
        for key, judge, is_needed in known:
            if key in found:
                if not judge(found[key], taken):
                    return False
            elif is_needed:
                return False
        return True

    return is_right
