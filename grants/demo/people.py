"""The demo's people and organisations. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass

from grants.kernel.actor import Role
from grants.organisations.states import OrganisationKind as Kind

PASSWORD = "look around freely"  # noqa: S105 shown to everybody, works in demonstrations only


@dataclass(frozen=True, slots=True)
class SignIn:
    """One person of the demo who may be signed in as."""

    email: str
    name: str
    does: str
    roles: tuple[tuple[Role, str | None], ...] = ()
    acts_for: str = ""


SIGN_INS = (
    SignIn(
        "ana@demo.example",
        "Ana Ferreira",
        "applicant, a police academy in Portugal",
        acts_for="Academia Policial do Tejo",
    ),
    SignIn("jonas@demo.example", "Jonas Lindqvist", "applicant, a hotline in Sweden", acts_for="Trygga Nätet"),
    SignIn("eleni@demo.example", "Ελένη Παπαδάκη", "evaluator", ((Role.EVALUATOR, None),)),
    SignIn("tomasz@demo.example", "Tomasz Wiśniewski", "evaluator", ((Role.EVALUATOR, None),)),
    SignIn("ruta@demo.example", "Rūta Kazlauskaitė", "evaluator", ((Role.EVALUATOR, None),)),
    SignIn("marie@demo.example", "Marie Lambert", "programme manager, ISF", ((Role.MANAGER, "ISF"),)),
    SignIn("henrik@demo.example", "Henrik Sørensen", "programme manager, Horizon", ((Role.MANAGER, "HORIZON"),)),
    SignIn("ivan@demo.example", "Иван Петров", "administrator", ((Role.ADMINISTRATOR, None),)),
    SignIn("claire@demo.example", "Claire O’Donnell", "auditor", ((Role.AUDITOR, None),)),
)

OrganisationRow = tuple[str, str, str, str, Kind, bool]
#: Legal name, short name, country, city, kind, SME.
ORGANISATIONS: tuple[OrganisationRow, ...] = (
    ("Academia Policial do Tejo", "APT", "PT", "Santarém", Kind.PUB, False),
    ("Trygga Nätet", "TRYGG", "SE", "Örebro", Kind.OTH, False),
    ("Universität Lindau", "UNILI", "DE", "Lindau", Kind.HES, False),
    ("Πανεπιστήμιο Ιωνίας", "UION", "GR", "Πάτρα", Kind.HES, False),
    ("Komenda Policji Karpaty", "KPK", "PL", "Krosno", Kind.PUB, False),
    ("Institut de criminalistique des Alpes", "ICA", "FR", "Annecy", Kind.REC, False),
    ("Aldente Forensics S.r.l.", "ALDENTE", "IT", "Modena", Kind.PRC, True),
    ("Stichting Veilig Online", "VEILIG", "NL", "Zwolle", Kind.OTH, False),
    ("Център за дигитална безопасност", "CDS", "BG", "Пловдив", Kind.OTH, False),
    ("Tartumaa Küberlabor OÜ", "TKL", "EE", "Tartu", Kind.PRC, True),
    ("Policía Científica del Ebro", "PCE", "ES", "Zaragoza", Kind.PUB, False),
    ("Garda Training Trust", "GTT", "IE", "Athlone", Kind.PUB, False),
)
