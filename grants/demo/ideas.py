"""What the demo's proposals want to do: one idea each, by theme. Invented for this demo."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Idea:
    """The acronym is the subject: "ACRONYM ``aim``. The partners ``means``. At the end, ``result``." """

    acronym: str
    title: str
    aim: str
    means: str
    result: str
    keywords: tuple[str, ...]


IDEAS: dict[str, tuple[Idea, ...]] = {
    "prevention": (
        Idea(
            "FIRSTCALL", "First calls: helplines for people who fear their own thoughts",
            "opens helplines for people who are drawn to children and have not acted on it",
            "translate a tested guide for the first three calls, train 40 counsellors and let each new line be "
            "accompanied by an old one for a year",
            "five countries have a line that answers in their own language, with figures on who calls and who "
            "calls again",
            ("prevention", "helplines", "counselling"),
        ),
        Idea(
            "TURNBACK", "Turn back: short treatment for people who watched abuse once",
            "offers a treatment of eight sessions to people who looked at such material and want to stop",
            "adapt the programme with clinics, train therapists in pairs and compare those who start at once with "
            "those who wait",
            "clinics know for whom eight sessions suffice, and courts can point people to them before a sentence",
            ("treatment", "effects", "clinics"),
        ),
    ),
    "hotlines": (
        Idea(
            "ONEQUEUE", "One queue: hotlines that share the night",
            "joins the night and weekend work of six hotlines in one queue",
            "agree on one classification, build the handover between shifts and measure every step from report to "
            "removal",
            "a report that comes on Saturday night is answered as fast as one on Tuesday morning",
            ("hotlines", "removal", "shifts"),
        ),
        Idea(
            "HASHWAYS", "Ways of a hash: from one report to all copies",
            "brings known material down wherever its copies lie, from one report",
            "connect hotlines, hosts and police through one list with rules on who may add and who may remove an "
            "entry",
            "a picture is reported once, and its copies are gone within a day",
            ("hotlines", "hash lists", "hosting"),
        ),
        Idea(
            "FORUMHUB", "A forum where analysts ask and researchers answer",
            "gives hotlines a place where their needs are written down, put in order and taken up by research",
            "hold meetings twice a year, keep the public list of needs and run small trials with analysts in their "
            "own rooms",
            "research starts from a list that those who need it have made",
            ("forum", "needs of practitioners", "trials"),
        ),
        Idea(
            "LISTENIN", "Listening in: what analysts need before anything is built",
            "brings researchers into the rooms of hotlines for weeks, not hours",
            "organise stays of researchers, describe the daily work without any material, and publish one need "
            "every month",
            "proposals for research can cite what the work is really like",
            ("forum", "work of analysts", "exchange"),
        ),
    ),
    "identification": (
        Idea(
            "ROOMMARK", "Marks of a room: finding places by what stands in them",
            "finds the country and region of a room by its sockets, wallpapers, furniture and sounds",
            "collect marks with the help of the public, build a catalogue for each region and train specialists to "
            "use it",
            "a unit that sees a new series can ask by marks and gets an answer within two days",
            ("victim identification", "places", "catalogue"),
        ),
        Idea(
            "SERIESWORK", "Series work: five weeks that bring units together",
            "holds five joint weeks in which specialists of many units work on open series side by side",
            "prepare each week with a host unit, bring in new units as guests, and follow every lead for half a "
            "year",
            "leads of a joint week no longer end when everybody has gone home",
            ("victim identification", "joint weeks", "leads"),
        ),
        Idea(
            "SECONDME", "Second me: specialists who stay for three months",
            "sends specialists from experienced units to new ones for three months each",
            "match hosts and guests by the series they work on, pay for replacements at home and write down what "
            "changed",
            "new units have the habits of old ones, and old units have learned from fresh eyes",
            ("secondments", "exchange", "practice"),
        ),
        Idea(
            "KNOWNFACE", "The known child: units that never look for a found one again",
            "keeps units from searching for children who were found elsewhere long ago",
            "agree on a sparse record of found children, on who may ask and on how the child’s wish to be "
            "forgotten is met",
            "no specialist spends a week on a child who has been safe for years",
            ("victim identification", "records", "privacy"),
        ),
        Idea(
            "SMALLUNIT", "Procedures for units of three",
            "writes and tries procedures that a unit of three people can follow",
            "observe how small units work, cut the procedures of large ones to what is needed and test them in "
            "four countries",
            "a unit of three has a plan for illness, holidays and a series that is too large",
            ("small units", "procedures", "resilience"),
        ),
        Idea(
            "SOUNDTRACE", "What is heard: language and sound as a lead",
            "uses voices, dialects and sounds in recordings to find where a child lives",
            "bring linguists and specialists together, set up a roster for fifteen languages and record how often "
            "a hint was right",
            "a recording in an unknown dialect reaches somebody who knows it within a day",
            ("victim identification", "language", "audio"),
        ),
        Idea(
            "CLOTHCODE", "Clothes, brands and school bags as leads",
            "makes things seen in pictures searchable by where and when they were sold",
            "agree with makers on the questions that units may ask, keep the answers in one place and check old "
            "series against them",
            "a bag in a picture leads to a region and a year, with the certainty written beside it",
            ("victim identification", "objects", "makers"),
        ),
        Idea(
            "HANDOVER", "Handover: from a found place to a safe child",
            "closes the gap between the unit that finds a child and the service that helps it",
            "follow fifty handovers in seven countries, write a protocol for cases across borders and train both "
            "sides together",
            "a found child meets a helper who knows the case on the same day",
            ("handover", "child protection", "borders"),
        ),
        Idea(
            "FRESHEYES", "Fresh eyes: students who help to see",
            "trains students of design, botany and building history to read the harmless parts of pictures",
            "cut out what may be shown, have experts of everyday things look at it and count what they see",
            "units have a pool of eyes for questions that no detective can answer",
            ("victim identification", "crowd of experts", "safety"),
        ),
        Idea(
            "PRIORITY", "First things first: which series is urgent",
            "gives units a simple order for series, with reasons that can be explained to a court",
            "collect how eight units decide today, derive few signs of present danger and test them on closed "
            "cases",
            "children in present danger are looked for first, in every unit in the same way",
            ("triage", "danger", "victim identification"),
        ),
    ),
    "forensics": (
        Idea(
            "CERTAINTY", "Saying how sure: hits with an honest number",
            "makes tools for finding faces and places say how often they are wrong on material like the present "
            "one",
            "build reference sets without abuse, measure error by kind of picture and design a display that "
            "examiners read rightly",
            "an examiner can write in a report what a hit means, and a judge understands it",
            ("calibration", "forensic tools", "evidence"),
        ),
        Idea(
            "TRACEBACK", "Which camera, which phone, which app",
            "ties recordings to devices and apps, and says when that is impossible",
            "collect samples of 600 devices, separate what apps change from what cameras leave, and publish the "
            "errors",
            "laboratories in five countries use one method with one known error",
            ("source identification", "laboratories", "error"),
        ),
        Idea(
            "TENMILLION", "Ten million files and one examiner",
            "puts the files of a large seizure in the order in which an examiner should see them",
            "learn from how examiners work, show a reason with every file and measure when it is safe to stop",
            "a seizure of ten million files is understood in four days instead of six weeks",
            ("triage", "seizures", "explanation"),
        ),
        Idea(
            "STOPRULE", "When is enough: rules for stopping a search",
            "gives prosecutors a sound rule for when a seizure need not be searched further",
            "bring sampling theory to seizures, try it on closed cases and write a guide with judges",
            "searches stop because enough is known, not because time is over",
            ("sampling", "proportionality", "law"),
        ),
        Idea(
            "LAYERS", "Layers: seeing changes in edited video",
            "shows where and how a video was cut, blurred or put together",
            "make edited material with known steps, train detectors that mark places and test them in four "
            "laboratories",
            "an examiner sees the cut at second 41 and why the tool believes in it",
            ("video forensics", "editing", "detection"),
        ),
        Idea(
            "UNSEEN", "Unseen: examining without looking",
            "reduces the pictures that an examiner must look at with full attention",
            "compare blurring, grey tones and order of display, measure stress together with accuracy and adapt "
            "two tools in use",
            "examiners look at half as much, find as much and are less often ill",
            ("wellbeing", "display", "examiners"),
        ),
        Idea(
            "MADEUP", "Made up or real: pictures from generators",
            "tells pictures that a generator made from those of a real child, and says when nobody can tell",
            "follow new generators month by month, build tests without any abuse and train examiners on the limits",
            "no real child is overlooked because a picture looked like a made one",
            ("synthetic pictures", "detection", "limits"),
        ),
        Idea(
            "TIMEMAP", "Maps of time: what happened on a device, and when",
            "joins the traces of a phone, a computer and a cloud into one line of time with gaps marked",
            "model clocks that run wrong, show contradictions and let defence experts repeat every step",
            "courts see one line of time whose every point can be traced to its source",
            ("timelines", "mobile devices", "clocks"),
        ),
        Idea(
            "OPENBENCH", "Open bench: test material for everybody",
            "makes reference material for forensic tools that may be shared across borders",
            "stage scenes with grown-up actors and props, describe them exactly and run open comparisons every "
            "year",
            "a laboratory can test a tool before it buys it, and makers compete on known ground",
            ("reference data", "comparison", "standards"),
        ),
        Idea(
            "WEAKSIGNAL", "Weak signals: small traces that add up",
            "combines traces that say little alone into a statement that holds",
            "develop a reasoning with stated assumptions, test it with twelve laboratories and teach it",
            "reports name what speaks for and against, with weights that others can check",
            ("evidence evaluation", "reasoning", "laboratories"),
        ),
        Idea(
            "FAIRFACE", "Fair to every face",
            "measures and repairs the errors of search tools for children of different age, skin and region",
            "work with families who give pictures of their children freely, test three tools in use and publish "
            "the gaps",
            "a child is found with the same certainty wherever it comes from",
            ("fairness", "search tools", "children"),
        ),
        Idea(
            "COLDSERIES", "Cold series: new methods for old material",
            "brings today’s methods to series that were given up years ago",
            "choose 200 closed and open series, run five methods on them under the eyes of specialists and learn "
            "from misses",
            "units know which old series deserve a second look, and some children are found",
            ("cold cases", "image analysis", "victims"),
        ),
        Idea(
            "EDGEBOX", "A laboratory in a suitcase",
            "lets officers secure and sort data at the place of a search, without a network",
            "build two prototypes on small machines, test them in forty searches and write down every failure",
            "officers leave with what they need and without what they do not",
            ("on-site triage", "devices", "field trials"),
        ),
        Idea(
            "CHAINLINK", "Links between cases that nobody saw",
            "finds links between cases in different units without moving the material",
            "compare protected sketches of files where they lie, prove what can be learned from a sketch and try "
            "it with five units",
            "two units learn within a day that they work on the same offender",
            ("case linking", "privacy", "cooperation"),
        ),
        Idea(
            "NOISEPRINT", "Noise that tells: reading the sensor in shared pictures",
            "recovers the marks of a camera’s sensor from pictures that services have shrunk",
            "model what services do to a picture, find what is left and state the error for each service",
            "a shared picture can still speak for or against a camera, with a number that holds",
            ("sensor noise", "services", "source identification"),
        ),
        Idea(
            "VOICELINE", "Lines of voices: who speaks in short recordings",
            "compares voices in recordings of a few seconds and says when it cannot",
            "record volunteers in nine languages with the phones that people use, and build in the answer that "
            "nothing can be said",
            "voice comparisons come with their limits and are refused where they would mislead",
            ("speaker comparison", "short recordings", "languages"),
        ),
    ),
    "grooming": (
        Idea(
            "KEPTSECRET", "Kept secret: warnings that stay on the phone",
            "warns a child of grooming on its own phone and tells nobody else",
            "train small models with texts written by young people and actors, run them on the device and test the "
            "words of the warning",
            "a warning comes before the request for a picture, and no message has left the phone",
            ("on-device detection", "privacy", "children"),
        ),
        Idea(
            "SECONDLOOK", "A second look before sending",
            "asks a child once more before it sends a picture of itself, in words that work",
            "design with 300 young people, try four ways of asking in two services and count what is taken back",
            "services have a pause that children like and that halves what they regret",
            ("design with children", "self-made pictures", "services"),
        ),
        Idea(
            "PATTERNS", "Patterns of approach: who writes to many children",
            "finds accounts that approach many children by how they move, without reading what they write",
            "study the marks of contact with two game makers, prove the privacy of each and test on past bans",
            "moderators see the few accounts that matter, and messages stay closed",
            ("metadata", "games", "moderation"),
        ),
        Idea(
            "BRIDGEOUT", "The step to another app",
            "recognises the moment when a stranger wants a child to change to another service",
            "collect such moments with helplines, build a detector for nine languages and try it in three services",
            "the change is slowed down, and the child is told why",
            ("grooming", "change of service", "languages"),
        ),
        Idea(
            "GAMESAFE", "Safe games: moderators with better tools",
            "gives the moderators of games for children a tool that shows reasons and keeps to the law",
            "work with four small studios, share a model that none of them could train and check it for unfairness",
            "small studios protect children as well as large ones do",
            ("games", "moderation", "small companies"),
        ),
        Idea(
            "TRUSTBTN", "A button that children trust",
            "makes reporting by children quick, quiet and followed by an answer",
            "ask 1,200 children why they do not report, build a button for any service and connect it with "
            "helplines",
            "four times as many children report, and each gets an answer within an hour",
            ("reporting", "helplines", "trust"),
        ),
        Idea(
            "EARLYWORD", "Early words: the first twenty messages",
            "finds out what can be told from the first messages of a conversation, and what cannot",
            "study donated conversations of grown-up survivors, measure false alarms in harmless ones and publish "
            "both",
            "the debate on detection has figures that nobody paid for with a child’s privacy",
            ("language", "error rates", "survivors"),
        ),
        Idea(
            "PARENTKIT", "Parents without spying",
            "helps parents to protect children without reading along",
            "test three kits with 600 families in six countries and ask the children too",
            "parents have something better than a spy, and it is theirs for free",
            ("parents", "families", "rights of the child"),
        ),
        Idea(
            "LIVEGUARD", "Live and alone: streams of young children",
            "protects children who stream from their room, while it happens",
            "recognise on the device that a child is alone and being asked for things, and stop with the child, "
            "not over it",
            "a stream pauses by itself when a stranger asks for what no child should do",
            ("live streams", "on-device detection", "design"),
        ),
        Idea(
            "PROVABLE", "Provable privacy for detection",
            "states and proves what a detector can learn about people who did nothing",
            "write formal limits, build two detectors inside them and let an outside team attack both",
            "regulators can ask for a proof instead of a promise",
            ("privacy proofs", "regulation", "attacks"),
        ),
        Idea(
            "PLAYGROUND", "A playground for testing protections",
            "builds a world of invented accounts in which protections can be tested against actors",
            "write rules for fair tests, train actors with police and helplines and open the world to services "
            "twice a year",
            "a service learns in a week where its protection fails",
            ("testing", "simulated offenders", "services"),
        ),
        Idea(
            "SIGNBOARD", "Signs in your own language",
            "brings detection to languages that were left out",
            "collect words with youth groups in eleven small languages, adapt models and measure the gap to "
            "English",
            "a child who writes Maltese or Latvian is as safe as one who writes English",
            ("small languages", "detection", "youth groups"),
        ),
    ),
    "support": (
        Idea(
            "OPENHOUSE", "A house with one door: hearing, care and law at one place",
            "opens two houses where a child is heard, examined and helped, and learns from three that exist",
            "train joint teams, equip rooms and follow 120 children for a year",
            "a child tells what happened once, to one person, in a room made for it",
            ("child-friendly justice", "houses", "joint teams"),
        ),
        Idea(
            "FIRSTHOUR", "The first hour after the knock at the door",
            "prepares help for the children who live in a home that is searched",
            "give every search team a helper, a bag and a plan, and ask the families half a year later",
            "no child stands alone in a corridor while its home is searched",
            ("house searches", "families", "care"),
        ),
        Idea(
            "ROADTEAM", "Teams on the road for regions without a house",
            "brings hearing and care to children in thinly settled regions",
            "equip four travelling teams, agree with courts on recordings and compare travel with waiting",
            "a child on an island or in the mountains is heard within five days",
            ("rural regions", "travelling teams", "courts"),
        ),
        Idea(
            "AFTERFOUND", "After a child was found: pictures that stay",
            "helps grown children to live with pictures that still circulate",
            "offer counselling, a notice that can be switched off, and lawyers who know the way to removal",
            "survivors decide what they want to hear, and somebody does the rest",
            ("survivors", "counselling", "removal"),
        ),
        Idea(
            "SCHOOLNET", "Schools that know what to do on Monday",
            "gives schools a clear way from a suspicion to help",
            "write one page for each country, train one teacher in 300 schools and set up a line for their "
            "questions",
            "teachers act within a day and do not question the child themselves",
            ("schools", "suspicion", "helplines"),
        ),
        Idea(
            "SIBLINGS", "Brothers and sisters",
            "cares for the brothers and sisters of abused children, whom nobody asks",
            "screen with doctors in five clinics, offer groups and measure how the children feel after a year",
            "guidelines name the siblings, and clinics know what helps them",
            ("siblings", "clinics", "groups"),
        ),
        Idea(
            "WAITLESS", "Waiting less: therapy within thirty days",
            "shortens the time between report and therapy to thirty days",
            "map where the months go in four countries, move money to the bottlenecks and publish the waiting time "
            "each month",
            "the waiting time stands in public and has gone down by half",
            ("therapy", "waiting times", "health services"),
        ),
        Idea(
            "YOUNGVOICE", "A voice for those who went this way",
            "builds councils of young survivors who advise services, with pay and care",
            "find and prepare 60 young people, let them review five services and follow what is done with their "
            "advice",
            "services are changed by people who have used them",
            ("participation", "survivors", "services"),
        ),
        Idea(
            "HEARDONCE", "Heard once: recordings that count in court",
            "makes one recorded interview enough for police, court and therapy",
            "agree on standards with judges, train interviewers with actors and check 200 recordings",
            "children are interviewed once in seven cases of ten",
            ("interviews", "courts", "standards"),
        ),
        Idea(
            "CAREWORK", "Care for those who care",
            "keeps helpers of abused children healthy and in their work",
            "compare supervision, shorter shifts and exchange among 40 services",
            "fewer people leave, and the children keep the person whom they trust",
            ("helpers", "supervision", "staff"),
        ),
    ),
    "training": (
        Idea(
            "NEWUNIT", "New units that stand on their own",
            "brings three new units from the first selection of staff to their own cases",
            "pair each with an experienced unit, train in four modules and equip small laboratories",
            "three countries have a unit that works without its mentor",
            ("new units", "mentors", "laboratories"),
        ),
        Idea(
            "STEPTEN", "Ten steps for the first year",
            "gives new investigators a first year with ten steps and somebody at their side",
            "write the steps with 30 investigators, run three classes and visit everybody at work",
            "new people stay, because nobody is left alone with the material",
            ("training", "first year", "mentors"),
        ),
        Idea(
            "UNDERHAND", "Covert work online, lawfully and with care",
            "trains officers who work under another identity in closed groups",
            "teach law, language and limits with actors, and give each officer a supervisor from outside",
            "officers know what they may do and when to stop",
            ("covert work", "law", "supervision"),
        ),
        Idea(
            "COINTRAIL", "Follow the coins: payments for abuse",
            "trains investigators to follow payments for streams and pictures",
            "build exercises on invented money, bring in banks and start a circle of contacts",
            "a payment seen on Monday is traced by Friday",
            ("payments", "financial investigation", "banks"),
        ),
        Idea(
            "CARRYON", "Carry on: staff who stay healthy",
            "keeps the staff of units healthy with selection, shifts and talks that are not optional",
            "introduce the same measures in eight units and compare sick leave, errors and departures",
            "a unit can show its ministry what care saves",
            ("staff", "health", "shifts"),
        ),
        Idea(
            "PROSECUTE", "Prosecutors who know the tools",
            "trains prosecutors together with examiners in what tools show and what they do not",
            "hold twelve moot trials with material in seven languages",
            "indictments name the error of a tool, and they hold",
            ("prosecutors", "tools", "moot trials"),
        ),
        Idea(
            "RURALCOP", "The first officer at the door",
            "prepares officers in small towns for the first hour of a case",
            "make a course of one day and a card for the car, and measure what they secure",
            "evidence is no longer lost before the specialists come",
            ("first response", "evidence", "small towns"),
        ),
        Idea(
            "MENTORS", "Mentors across borders",
            "gives each new investigator a mentor in another country for a year",
            "train 50 mentors, find pairs by language and work, and pay for two visits",
            "questions are answered in a day by somebody who has been there",
            ("mentors", "exchange", "practice"),
        ),
        Idea(
            "TOOLSHARE", "Tools that units may share",
            "collects, tests and teaches free tools made by units themselves",
            "set up a workshop of six developers, review the code and write courses",
            "a tool made in one country works in eleven a year later",
            ("free tools", "courses", "quality"),
        ),
        Idea(
            "TALKCHILD", "Talking with children: interviewers trained on the job",
            "trains interviewers with weekly feedback on their own recordings",
            "build a pool of twenty coaches, agree on data protection and measure questions before and after",
            "interviewers ask open questions two years after the course",
            ("interviews", "coaching", "children"),
        ),
        Idea(
            "OSINTNET", "Open sources for closed cases",
            "teaches the lawful use of open sources in cases of abuse",
            "design a course of five days with exercises that change each time, and a network for questions",
            "investigators find what is public and can explain how",
            ("open sources", "network", "law"),
        ),
        Idea(
            "TRAINHUB", "One calendar for all courses",
            "brings the courses of nine academies into one calendar with one certificate",
            "compare contents, agree on levels and exchange teachers",
            "an officer of any country can join the course that fits",
            ("academies", "certificate", "exchange"),
        ),
    ),
}  # fmt: skip
