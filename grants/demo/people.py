"""The demo's people and organisations. All names are invented; towns are real, so that countries can be told."""

from __future__ import annotations

from dataclasses import dataclass

from grants.kernel.actor import Role
from grants.organisations.states import OrganisationKind as Kind

PASSWORD = "look around freely"  # noqa: S105 shown to everybody, works in demonstrations only


@dataclass(frozen=True, slots=True)
class SignIn:
    """One person of the demo who may be signed in as. ``acts_for``: short name of an organisation."""

    email: str
    name: str
    does: str
    roles: tuple[tuple[Role, str | None], ...] = ()
    acts_for: str = ""


ANA, JONAS = "ana@demo.example", "jonas@demo.example"
SIGN_INS = (
    SignIn(ANA, "Ana Ferreira", "applicant, a police academy in Portugal", acts_for="APT"),
    SignIn(JONAS, "Jonas Lindqvist", "applicant, a hotline in Sweden", acts_for="TRYGG"),
    SignIn("eleni@demo.example", "Ελένη Παπαδάκη", "evaluator", ((Role.EVALUATOR, None),)),
    SignIn("tomasz@demo.example", "Tomasz Wiśniewski", "evaluator", ((Role.EVALUATOR, None),)),
    SignIn("ruta@demo.example", "Rūta Kazlauskaitė", "evaluator", ((Role.EVALUATOR, None),)),
    SignIn("marie@demo.example", "Marie Lambert", "programme manager, ISF", ((Role.MANAGER, "ISF"),)),
    SignIn("henrik@demo.example", "Henrik Sørensen", "programme manager, Horizon", ((Role.MANAGER, "HORIZON"),)),
    SignIn(
        "beata@demo.example",
        "Beata Nowak",
        "programme manager, both; confirms decisions",
        ((Role.MANAGER, "ISF"), (Role.MANAGER, "HORIZON")),
    ),
    SignIn("ivan@demo.example", "Иван Петров", "administrator", ((Role.ADMINISTRATOR, None),)),
    SignIn("claire@demo.example", "Claire O’Donnell", "auditor", ((Role.AUDITOR, None),)),
)


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One legal entity. ``short`` is what the plan names it by."""

    legal: str
    short: str
    country: str
    city: str
    kind: Kind
    sme: bool = False


_Row = OrganisationRow
ORGANISATIONS: tuple[OrganisationRow, ...] = (
    _Row("Academia Policial do Tejo", "APT", "PT", "Santarém", Kind.PUB),
    _Row("Trygga Nätet", "TRYGG", "SE", "Örebro", Kind.OTH),
    _Row("Universität Lindau", "UNILI", "DE", "Lindau", Kind.HES),
    _Row("Πανεπιστήμιο Ιωνίας", "UION", "GR", "Πάτρα", Kind.HES),
    _Row("Komenda Policji Karpaty", "KPK", "PL", "Krosno", Kind.PUB),
    _Row("Institut de criminalistique des Alpes", "ICA", "FR", "Annecy", Kind.REC),
    _Row("Aldente Forensics S.r.l.", "ALDENTE", "IT", "Modena", Kind.PRC, True),
    _Row("Stichting Veilig Online", "VEILIG", "NL", "Zwolle", Kind.OTH),
    _Row("Център за дигитална безопасност", "CDS", "BG", "Пловдив", Kind.OTH),
    _Row("Tartumaa Küberlabor OÜ", "TKL", "EE", "Tartu", Kind.PRC, True),
    _Row("Policía Científica del Ebro", "PCE", "ES", "Zaragoza", Kind.PUB),
    _Row("Garda Training Trust", "GTT", "IE", "Athlone", Kind.PUB),
    _Row("Università di Valmarina", "UNIVAL", "IT", "Trieste", Kind.HES),
    _Row("Karlův institut forenzních věd", "KIFV", "CZ", "Olomouc", Kind.REC),
    _Row("Szegedi Gyermekvédelmi Alapítvány", "SZGYA", "HU", "Szeged", Kind.OTH),
    _Row("Academia de Poliție Carpați", "APC", "RO", "Brașov", Kind.PUB),
    _Row("Linka detskej dôvery Tatry", "TATRY", "SK", "Poprad", Kind.OTH),
    _Row("Univerza v Posočju", "UPOS", "SI", "Tolmin", Kind.HES),
    _Row("Sigurno djetinjstvo", "SIDJE", "HR", "Zadar", Kind.OTH),
    _Row("Lietuvos skaitmeninių tyrimų centras", "LSTC", "LT", "Kaunas", Kind.REC),
    _Row("Daugavas policijas akadēmija", "DPA", "LV", "Daugavpils", Kind.PUB),
    _Row("Pohjolan rikostutkimuslaitos", "PORI", "FI", "Oulu", Kind.REC),
    _Row("Kuopion Turvadata Oy", "KTD", "FI", "Kuopio", Kind.PRC, True),
    _Row("Nordlys forskningsinstitutt", "NORDLYS", "NO", "Tromsø", Kind.REC),
    _Row("Barnaverndarstofa Vestfjarða", "BVV", "IS", "Ísafjörður", Kind.PUB),
    _Row("Linja Appoġġ Tfal", "LAT", "MT", "Birgu", Kind.OTH),
    _Row("Κυπριακό Κέντρο Προστασίας Παιδιού", "KKPP", "CY", "Λάρνακα", Kind.OTH),
    _Row("Αστυνομική Σχολή Αιγαίου", "ASA", "GR", "Μυτιλήνη", Kind.PUB),
    _Row("Болярка Форензика ООД", "BOLFOR", "BG", "Велико Търново", Kind.PRC, True),
    _Row("Академия за разследване „Струма“", "STRUMA", "BG", "Благоевград", Kind.PUB),
    _Row("Polizeihochschule am Inn", "PHI", "AT", "Schärding", Kind.PUB),
    _Row("Institut de recherche judiciaire de Lorraine", "IRJL", "FR", "Metz", Kind.REC),
    _Row("Écoute Enfance Atlantique", "ECOUTE", "FR", "Brest", Kind.OTH),
    _Row("Université de la Meuse", "UMEUSE", "BE", "Namur", Kind.HES),
    _Row("Polizeischoul Éislek", "EISLEK", "LU", "Diekirch", Kind.PUB),
    _Row("Fundación Infancia Segura", "FIS", "ES", "Cuenca", Kind.OTH),
    _Row("Lusodata Perícia Digital, Lda.", "LUSO", "PT", "Braga", Kind.PRC, True),
    _Row("Uniwersytet Sandomierski", "USAND", "PL", "Sandomierz", Kind.HES),
    _Row("Rijnmond Beeldanalyse B.V.", "RIJN", "NL", "Dordrecht", Kind.PRC, True),
    _Row("Systemhaus Hanseatik GmbH", "HANSE", "DE", "Stralsund", Kind.PRC),
    _Row("Харківський центр цифрових доказів", "KCDD", "UA", "Харків", Kind.REC),
    _Row("Институт за безбедност деце", "IBD", "RS", "Нови Сад", Kind.REC),
    _Row("University of the Welland", "WELLAND", "GB", "Stamford", Kind.HES),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who writes proposals for an organisation and is not among the sign-ins."""

    name: str
    email: str
    acts_for: str


CONTACTS = (
    Contact("Katharina Böhm", "katharina.boehm@demo.example", "UNILI"),
    Contact("Δημήτρης Καλογερόπουλος", "dimitris.kalogeropoulos@demo.example", "UION"),
    Contact("Małgorzata Król", "malgorzata.krol@demo.example", "KPK"),
    Contact("Benoît Charvet", "benoit.charvet@demo.example", "ICA"),
    Contact("Wouter Schuurman", "wouter.schuurman@demo.example", "VEILIG"),
    Contact("Мария Стоянова", "maria.stoyanova@demo.example", "CDS"),
    Contact("Íñigo Aznar", "inigo.aznar@demo.example", "PCE"),
    Contact("Siobhán Ní Cheallaigh", "siobhan.nicheallaigh@demo.example", "GTT"),
    Contact("Chiara Dall’Olmo", "chiara.dallolmo@demo.example", "UNIVAL"),
    Contact("Jiří Kučera", "jiri.kucera@demo.example", "KIFV"),
    Contact("Zsófia Bárány", "zsofia.barany@demo.example", "SZGYA"),
    Contact("Răzvan Știrbu", "razvan.stirbu@demo.example", "APC"),
    Contact("Živa Kovačič", "ziva.kovacic@demo.example", "UPOS"),
    Contact("Aistė Petrauskienė", "aiste.petrauskiene@demo.example", "LSTC"),
    Contact("Jānis Kļaviņš", "janis.klavins@demo.example", "DPA"),
    Contact("Tuomas Väänänen", "tuomas.vaananen@demo.example", "PORI"),
    Contact("Marija Grech", "marija.grech@demo.example", "LAT"),
    Contact("Στέλιος Μαυρομμάτης", "stelios.mavrommatis@demo.example", "ASA"),
    Contact("Veronika Hölzl", "veronika.hoelzl@demo.example", "PHI"),
    Contact("Noémie Thibault", "noemie.thibault@demo.example", "ECOUTE"),
    Contact("Gilles Dewandre", "gilles.dewandre@demo.example", "UMEUSE"),
    Contact("Paweł Ostrowski", "pawel.ostrowski@demo.example", "USAND"),
    Contact("Lucía Peñalver", "lucia.penalver@demo.example", "FIS"),
    Contact("Ingrid Solbakken", "ingrid.solbakken@demo.example", "NORDLYS"),
)


@dataclass(frozen=True, slots=True)
class Evaluator:
    """An expert. ``employer``: short name of an organisation of the demo, which makes conflicts; else its name."""

    name: str
    email: str
    country: str
    employer: str
    employer_name: str
    expertise: tuple[str, ...]
    languages: tuple[str, ...]

    @property
    def gender(self) -> str:
        """As their first names have it."""
        return "man" if self.email.partition("@")[0].partition(".")[0] in _MEN else "woman"


_MEN = frozenset({
    "tomasz", "nikos", "andreas", "boris", "mindaugas", "kaarel", "loic", "joris", "juergen", "lukas", "stefan",
    "nicolo", "soren", "oystein",
})  # fmt: skip


def _one(name: str, user: str, country: str, employer: str, expertise: str, languages: str) -> Evaluator:
    """``employer`` in capitals is an organisation of the demo."""
    ours = employer.isupper()
    return Evaluator(
        name, f"{user}@demo.example", country, employer if ours else "", "" if ours else employer,
        tuple(expertise.split(", ")), tuple(languages.split()),
    )  # fmt: skip


EVALUATORS: tuple[Evaluator, ...] = (
    _one("Ελένη Παπαδάκη", "eleni", "GR", "UION", "victim identification, image analysis, ethics", "el en fr"),
    _one("Tomasz Wiśniewski", "tomasz", "PL", "KPK", "digital forensics, cybercrime investigation", "pl en de"),
    _one("Rūta Kazlauskaitė", "ruta", "LT", "Vilniaus vaikų teisių biuras", "child protection, hotlines, training",
         "lt en pl"),
    _one("Νίκος Αλεξίου", "nikos.alexiou", "GR", "Ινστιτούτο Ψηφιακής Δικαιοσύνης", "criminal law, evidence",
         "el en"),
    _one("Ανδρέας Χριστοδούλου", "andreas.christodoulou", "CY", "KKPP", "prevention, helplines", "el en"),
    _one("Десислава Георгиева", "desislava.georgieva", "BG", "CDS", "hotlines, content removal", "bg en de"),
    _one("Борис Тодоров", "boris.todorov", "BG", "self-employed", "police training, interviews with children",
         "bg en"),
    _one("Agnieszka Zielińska", "agnieszka.zielinska", "PL", "USAND", "psychology of offending, prevention", "pl en"),
    _one("Mindaugas Žukauskas", "mindaugas.zukauskas", "LT", "LSTC", "machine learning, video forensics", "lt en"),
    _one("Ilze Bērziņa", "ilze.berzina", "LV", "Rīgas bērnu slimnīca", "care for victims, trauma", "lv en"),
    _one("Kaarel Tõnisson", "kaarel.tonisson", "EE", "TKL", "software engineering, encrypted services", "et en fi"),
    _one("Ġorġa Farruġia", "gorga.farrugia", "MT", "Uffiċċju tal-Kummissarju għat-Tfal", "child rights, policy",
         "mt en it"),
    _one("Caoimhe Ní Bhriain", "caoimhe.nibhriain", "IE", "GTT", "investigator training, wellbeing of staff",
         "ga en"),
    _one("Inês Magalhães", "ines.magalhaes", "PT", "Instituto de Direito Digital", "data protection, privacy",
         "pt en es"),
    _one("Begoña Ibáñez Núñez", "begona.ibanez", "ES", "PCE", "digital forensics, laboratories", "es en"),
    _one("Hélène Lefèvre", "helene.lefevre", "FR", "ICA", "forensic science, standards", "fr en"),
    _one("Loïc Kerguélen", "loic.kerguelen", "FR", "self-employed", "evaluation of programmes, statistics", "fr en"),
    _one("Joris Van den Broeck", "joris.vandenbroeck", "BE", "UMEUSE", "criminology, online grooming", "nl fr en"),
    _one("Femke Hoekstra", "femke.hoekstra", "NL", "VEILIG", "hotlines, classification of material", "nl en de"),
    _one("Jürgen Weißmüller", "juergen.weissmueller", "DE", "UNILI", "computer vision, explainable methods", "de en"),
    _one("Theresia Mühlböck", "theresia.muehlboeck", "AT", "Kinderklinik Traunsee", "forensic medicine, interviews",
         "de en"),
    _one("Lukáš Dvořáček", "lukas.dvoracek", "CZ", "KIFV", "video forensics, databases", "cs sk en"),
    _one("Ľubica Šťastná", "lubica.stastna", "SK", "Úrad pre práva detí", "helplines, participation", "sk cs en"),
    _one("Špela Žnidaršič", "spela.znidarsic", "SI", "UPOS", "criminal justice, evidence", "sl hr en"),
    _one("Đurđica Šimić", "durdica.simic", "HR", "SIDJE", "support for victims, schools", "hr en it"),
    _one("Gyöngyi Szőllősi", "gyongyi.szollosi", "HU", "Alföldi Pszichológiai Intézet", "treatment, prevention",
         "hu en"),
    _one("Ștefan Țurcanu", "stefan.turcanu", "RO", "Institutul Carpatin de Date", "networks, data protection",
         "ro fr en"),
    _one("Nicolò Bressan", "nicolo.bressan", "IT", "UNIVAL", "machine learning, audio analysis", "it en"),
    _one("Søren Æbelø", "soren.aebelo", "DK", "Børnenes Retscenter", "child-friendly justice", "da sv en"),
    _one("Päivi Hämäläinen", "paivi.hamalainen", "FI", "PORI", "criminology, measuring effects", "fi sv en"),
    _one("Åsa Björklund", "asa.bjorklund", "SE", "Barnens Rätt i Mälardalen", "prevention, public health", "sv en"),
    _one("Øystein Bråten", "oystein.braten", "NO", "NORDLYS", "statistics, validation of tools", "no sv en"),
    _one("Оксана Ковальчук", "oksana.kovalchuk", "UA", "KCDD", "digital evidence, open sources", "uk en pl"),
)  # fmt: skip
