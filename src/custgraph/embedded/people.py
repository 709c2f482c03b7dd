"""What the sample's people are called and where they live."""

from __future__ import annotations

from typing import NamedTuple


class Town(NamedTuple):
    """A town; its region's code may be None."""

    name: str
    region: str | None
    postal_code: str
    latitude: float
    longitude: float


class Culture(NamedTuple):
    """Names that go together, in one country. In `phone`, `#` stands for a digit."""

    country: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    towns: tuple[Town, ...]
    streets: tuple[str, ...]
    phone: str


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


TAGS = _list("staff|discount|wholesale|member|volunteer|pickup-friday|no-plastic|gluten-free|vip|été|neighbour")

CULTURES = (
    Culture(
        "AU",
        _list("Charlotte|Jack|Matilda|Cooper|Isla|Lachlan|Ruby|Angus|Zoe|Bindi|Noah|Tahlia|Mia-Rose|Declan|Kirra"),
        _list("Nguyen|Smith|O'Brien|Taylor|Papadopoulos|Walker|Kelly|Singh|Harris|Murray|Bennett|Watts|Fitzgerald"),
        (
            Town("Melbourne", "Vic", "3000", -37.8136, 144.9631),
            Town("Castlemaine", "Vic", "3450", -37.0636, 144.2172),
            Town("Bega", "NSW", "2550", -36.6742, 149.8417),
            Town("Hobart", "Tas", "7000", -42.8821, 147.3272),
            Town("Toowoomba", "QLD", "4350", -27.5598, 151.9507),
        ),
        _list("Wattle Street|Banksia Road|High Street|Creek Lane|Old Mill Road|Station Street"),
        "04## ### ###",
    ),
    Culture(
        "AU",
        _list("Linh|Minh|Đức|Hương|Thảo|Quân|Mai|Tuấn"),
        _list("Nguyễn|Trần|Lê|Phạm|Võ|Đặng"),
        (
            Town("Footscray", "Vic", "3011", -37.8016, 144.9005),
            Town("Cabramatta", "NSW", "2166", -33.8947, 150.9372),
        ),
        _list("Barkly Street|Park Road|Hopkins Street|Railway Parade"),
        "+61 4## ### ###",
    ),
    Culture(
        "FR",
        _list("Élodie|Amélie|François|Hélène|Jérôme|Zoé|Anaïs|Benoît|Chloé|Loïc|Maëlle|Gaël|Inès|Théo|Jean-Baptiste"),
        _list("Lefèvre|Dubois|Garçon|Moreau|Béranger|d'Almeida|Le Goff|Faure|Chevallier|Noël|Rousseau|Guérin"),
        (
            Town("Lyon", "ARA", "69003", 45.7578, 4.8320),
            Town("Quimper", "BRE", "29000", 47.9975, -4.0979),
            Town("Besançon", "BFC", "25000", 47.2378, 6.0241),
            Town("Sète", "OCC", "34200", 43.4028, 3.6966),
        ),
        _list("rue des Tilleuls|chemin du Moulin|place de l'Église|avenue Jean Moulin|allée des Chênes"),
        "0# ## ## ## ##",
    ),
    Culture(
        "GB",
        _list("Oliver|Amelia|Harry|Poppy|Rhys|Siân|Callum|Eilidh|Priya|Mohammed|Grace|Alfie|Niamh|Rowan|Imogen"),
        _list("Davies|Patel|MacLeod|Thompson|Khan|Ó Súilleabháin|Wright|Llewellyn|Campbell|Ashworth|St. John|Begum"),
        (
            Town("Stroud", "ENG", "GL5 1AA", 51.7457, -2.2178),
            Town("Hebden Bridge", "ENG", "HX7 8AA", 53.7416, -2.0130),
            Town("Inverness", "SCT", "IV1 1AA", 57.4778, -4.2247),
            Town("Machynlleth", "WLS", "SY20 8AA", 52.5907, -3.8521),
        ),
        _list("Mill Lane|Church Street|Orchard Close|The Green|Canal Side|Market Square"),
        "07### ######",
    ),
    Culture(
        "CA",
        _list("Emma|Liam|Olivia|Étienne|Noémie|Nanuq|Avery|Mackenzie|Hunter|Sophie|Tanis|Owen|Gurpreet"),
        _list("Tremblay|Macdonald|Roy|Cardinal|Bouchard|Kowalchuk|Sinclair|Dhillon|Friesen|Desjarlais"),
        (
            Town("Saskatoon", "SK", "S7K 0A1", 52.1332, -106.6700),
            Town("Winnipeg", "MB", "R3C 0A1", 49.8951, -97.1384),
            Town("Trois-Rivières", "QC", "G9A 1A1", 46.3432, -72.5430),
        ),
        _list("Broadway Avenue|Prairie Road|3rd Street East|Grain Elevator Road|Riverside Drive"),
        "(306) ###-####",
    ),
    Culture(
        "DE",
        _list("Jürgen|Käthe|Sören|Björn|Heike|Lieselotte|Uwe|Mathilde|Emre|Ayşe"),
        _list("Müller|Groß|Schäfer|Weiß|Öztürk|von der Heide|Krüger|Böhm"),
        (
            Town("Freiburg im Breisgau", "BW", "79098", 47.9990, 7.8421),
            Town("Görlitz", "SN", "02826", 51.1526, 14.9885),
        ),
        _list("Lindenstraße|Am Mühlbach|Gärtnerweg|Große Gasse"),
        "+49 ### #######",
    ),
    Culture(
        "JP",
        _list("美咲|陽菜|蓮|大翔|さくら|健太"),
        _list("佐藤|鈴木|高橋|田中|渡辺"),
        (Town("京都市", None, "604-8571", 35.0116, 135.7681), Town("松本市", None, "390-8620", 36.2381, 137.9720)),
        _list("本町|寺町通|中央"),
        "0##-###-####",
    ),
    Culture(
        "IN",
        _list("Ananya|आरव|Meera|विवेक|Kavya|Arjun"),
        _list("Sharma|अय्यर|Banerjee|Reddy|चौधरी"),
        (Town("Pune", None, "411001", 18.5204, 73.8567), Town("Kochi", None, "682001", 9.9312, 76.2673)),
        _list("MG Road|Temple Street|Lake View Road"),
        "+91 ##### #####",
    ),
    Culture(
        "IE",
        _list("Aoife|Caoimhe|Pádraig|Seán|Róisín|Γιώργος|Ελένη|Олена|Сергій"),
        _list("Ní Bhriain|Mac Giolla|Ó Conchúir|Walsh|Παπαδάκης|Шевченко"),
        (
            Town("Galway", "C", "H91 AA00", 53.2707, -9.0568),
            Town("Clonakilty", "M", "P85 AA00", 51.6231, -8.8706),
        ),
        _list("Shop Street|Bridge Street|An tSráid Mhór|Quay Road"),
        "+353 ## ### ####",
    ),
)
