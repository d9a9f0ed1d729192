"""The verbs that questions are made with, each with its forms: a closed class, so that no noun is taken for one."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

_REGULAR = (
    "accept adopt agree aim announce appoint approve argue ask attack attend award call cancel capture cause"
    " celebrate chair change close collapse command complete conclude conduct confirm conquer contain contribute"
    " cost cover create criticise cross damage declare defeat defend deliver demand deploy describe design destroy"
    " develop discover discuss dismiss divide donate double earn elect employ end endorse enter establish evacuate"
    " examine exceed expand explain explore export extend fail finance finish fire follow form found gather govern"
    " grant guarantee hand help host house identify import improve include increase inform inspire install"
    " introduce invade invent invest investigate invite join kill land last launch limit locate lower manage"
    " manufacture mark measure mention merge mobilise move negotiate nominate occupy offer open operate order"
    " organise own paint patrol phase place plan pledge postpone praise prepare present prevent print produce"
    " promise propose protect prove provide publish purchase raise ratify reach reaffirm recall receive recognise"
    " recommend record recover reduce reform refuse register reject release remain remove renew rename renovate"
    " repair replace report represent require rescue resign restore restrict resume retire return reveal review"
    " schedule secure serve settle share sign start station stop strengthen stress suffer supply support surrender"
    " suspend test thank train transfer transform translate treat triple unify unveil urge use veto visit vote"
    " warn welcome work"
).split()
_DOUBLING = frozenset("ban drop equip patrol plan refer ship stop transfer submit admit commit permit control".split())
_IRREGULAR = (
    "become became become, begin began begun, break broke broken, bring brought brought, build built built,"
    " buy bought bought, choose chose chosen, come came come, draw drew drawn, fall fell fallen, fight fought fought,"
    " find found found, fly flew flown, get got got, give gave given, go went gone, grow grew grown, have had had,"
    " hold held held, keep kept kept, know knew known, lead led led, leave left left, lose lost lost, make made made,"
    " mean meant meant, meet met met, pay paid paid, rise rose risen, run ran run, say said said, see saw seen,"
    " sell sold sold, send sent sent, set set set, show showed shown, sink sank sunk, speak spoke spoken,"
    " spend spent spent, stand stood stood, steal stole stolen, strike struck struck, take took taken,"
    " teach taught taught, tell told told, throw threw thrown, understand understood understood, win won won,"
    " write wrote written"
)


def _past(base: str) -> str:
    if base.endswith("e"):
        return f"{base}d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return f"{base[:-1]}ied"
    return f"{base}{base[-1]}ed" if base in _DOUBLING else f"{base}ed"


def _third(base: str) -> str:
    if base == "have":
        return "has"
    if base.endswith("y") and base[-2] not in "aeiou":
        return f"{base[:-1]}ies"
    return f"{base}es" if base.endswith(("s", "sh", "ch", "x", "o")) else f"{base}s"


def _forms() -> Iterator[tuple[str, str, str]]:
    """Each verb's base, past and participle."""
    yield from ((base, _past(base), _past(base)) for base in [*_REGULAR, *_DOUBLING])
    for forms in _IRREGULAR.split(","):
        base, past, participle = forms.split()
        yield base, past, participle


BASE_OF_PAST = MappingProxyType({past: base for base, past, _ in _forms()})
BASE_OF_THIRD = MappingProxyType({_third(base): base for base, _, _ in _forms()})
PAST_OF_PARTICIPLE = MappingProxyType({participle: past for _, past, participle in _forms()})

BASES = frozenset(BASE_OF_PAST.values())

BE = frozenset("is are was were".split())
HAVE = frozenset("has had have".split())
SAYING = frozenset(
    "said says argued argues added adds explained explains told warned warns stressed stresses recalled recalls".split()
)
"""What people do; what their articles do is to report."""

HAPPENING = frozenset(
    "begin build close conduct establish fall fight find found gather hold host house land launch locate make"
    " manufacture meet open place produce schedule sign start station train work".split()
)
"""Verbs with which "in" and a name mean where it happened."""

MEETING = frozenset("meet gather land begin sign open".split())
"""The same where somebody does it."""

REPORTING = frozenset("reported reports wrote writes published noted".split()) | SAYING

TAKING = frozenset("cost earn invest lose offer pay pledge provide raise receive spend contribute donate cover".split())
"""Verbs with which a sum may be asked for by "how much"."""

DOING = frozenset(_REGULAR) - frozenset("cause contain cost cover exceed include last mark mean measure remain".split())
DOING |= frozenset(
    "begin break bring build buy choose fight find give hold lead make meet send set take win write".split()
)
"""What somebody does, so that "who" may be asked."""
