package shop

import "strings"

// named is a name and how it is spelt in an e-mail address.
type named struct{ name, ascii string }

// place is where customers live: the names there, its cities, its phones.
type place struct {
	country     string
	cities      []string
	first, last []named
	phone       string // with one number to fill in
	phones      int    // how many numbers that gives
}

// latin makes names that are spelt with ASCII alone.
func latin(list string) []named {
	var out []named
	for n := range strings.FieldsSeq(list) {
		out = append(out, named{n, strings.ToLower(n)})
	}
	return out
}

// both makes names from pairs "name/ascii".
func both(list string) []named {
	var out []named
	for n := range strings.FieldsSeq(list) {
		name, ascii, _ := strings.Cut(n, "/")
		out = append(out, named{name, ascii})
	}
	return out
}

var places = []place{
	{"GB", []string{"London", "Leeds", "Bristol", "Stoke-on-Trent", "Newcastle upon Tyne", "King's Lynn"},
		latin("Ann Tom Priya Grace Owen Harriet Callum Imogen Rhys Nadia Freya Alfie Maisie Jude Esme"),
		latin("Archer Patel Hughes Begum Whitlock Okafor Marsh Tennant Quigley Sutton Ferris Bright Lowe Doyle"), "+441632960%03d", 1000},
	{"US", []string{"Portland", "Austin", "St. Louis", "Winston-Salem", "Coeur d'Alene", "New York, NY"},
		latin("Mason Ava Luis Harper Diego Chloe Wyatt Naomi Caleb Sofia Jada Emmett Tessa"),
		latin("Rivera Cooper Nguyen Brooks Delgado Hayes Whitaker Sandoval Pruitt Ellison Vance"), "+120255501%02d", 100},
	{"DE", []string{"Köln", "München", "Görlitz", "Frankfurt (Oder)"},
		both("Jürgen/juergen Käthe/kaethe Björn/bjoern Lena/lena Matthias/matthias Zoë/zoe Sören/soeren"),
		both("Müller/mueller Groß/gross Schäfer/schaefer Voß/voss Lange/lange Krüger/krueger"), "+493023125%03d", 1000},
	{"FR", []string{"Orléans", "L'Haÿ-les-Roses", "Aix-en-Provence"},
		both("Chloé/chloe Hélène/helene Gaël/gael Inès/ines Aurélie/aurelie Noël/noel"),
		both("Lefèvre/lefevre D'Arcy/darcy Garçon/garcon Béranger/beranger Le-Goff/legoff"), "+33199005%03d", 1000},
	{"PL", []string{"Łódź", "Kraków", "Gdańsk"},
		both("Łukasz/lukasz Małgorzata/malgorzata Zdzisław/zdzislaw Żaneta/zaneta Paweł/pawel"),
		both("Wiśniewski/wisniewski Dąbrowska/dabrowska Gałązka/galazka Żak/zak"), "+447700900%03d", 1000},
	{"IL", []string{"תל אביב", "חיפה"},
		both("נועה/noa דוד/david תמר/tamar יוסי/yossi"), both("לוי/levi כהן/cohen פרץ/peretz"), "+447700900%03d", 1000},
	{"JP", []string{"東京", "札幌", "Ōsaka"},
		both("さくら/sakura 健太/kenta 結衣/yui 翔/sho"), both("佐藤/sato 鈴木/suzuki 髙橋/takahashi"), "+447700900%03d", 1000},
	{"AE", []string{"دبي", "أبو ظبي"},
		both("ليلى/layla يوسف/yousef مريم/maryam"), both("حداد/haddad منصور/mansour"), "+447700900%03d", 1000},
}

// surnames are what the second day's weddings add.
var surnames = strings.Fields("Ashdown Łapiński O'Malley Núñez van-Dijk Østergård Fitzroy Ó-Briain Yıldız 王")

// hosts are where their post goes; none of them can exist.
var hosts = []string{"mail.example", "post.example", "inbox.example", "bürgerpost.example", "work.mail.example"}

// notes are the remarks that staff leave.
var notes = []string{
	"Prefers the phone", "Rings before noon only", `Said: "never again", came back`, "Gift wrap, please",
	"Ground floor;\nleave with the neighbour", "50% off promised 🎁", "VIP → handle with care", "c/o Mrs. Smith, No. 5",
}

// oddNames break code that pastes text into SQL, CSV, JSON, HTML or a terminal.
var oddNames = []struct{ first, last string }{
	{"Robert'); DROP TABLE customers;--", "Tables"},
	{`Maria "Mia"`, `O"Hara`},
	{"Anne\nMarie", "Line\nBreak"},
	{"Null", "NULL"},
	{"true", "0123"},
	{"Robin 🦊", "👩‍👩‍👧‍👦 Family"},
	{"משה", "Mixed עברית and English"},
	{"\u202eReversed", "\u2066Isolated\u2069"},
	{"Zoe\u0308", "Combining"}, // the same to the eye as Zoë
	{"Zero\u200bWidth", "Joined\u200d"},
	{"=1+1", "@SUM(A1:A9)"},
	{"<script>alert(1)</script>", "&amp; Sons"},
	{"Back\\slash", `\N`},
	{"{{first_name}}", "${HOME}"},
	{"Comma, the", "Semi;colon|Pipe"},
	{" Leading", "Trailing "},
	{"Tab\tbed", "Tilde~`"},
	{"Line\u2028Separator", "Next\u0085Line"},
	{strings.Repeat("Very", 75), strings.Repeat("長", 300)},
	{"\u0001Control", "Bell\u0007"},
	{"\U0001d54f Æ ﷽", "ǅ ß ſ İ ı"},
}

// oddNotes are longer, and odd in the same way.
var oddNotes = []string{
	"",
	"\"quoted\", 'quoted', and a comma,\nthen a line, \"\"\nand a last one",
	strings.Repeat("A very long remark that goes on. ", 240),
	`{"json": "inside", "n": [1, 2, null]}`,
	"--\n/* comment */ ; $1 ? %s %d {}",
	"ends with a backslash \\",
}
