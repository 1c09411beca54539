//! Names from many scripts, each with the Latin spelling that user names are made of.

use std::sync::LazyLock;

/// How a full name is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Given name, space, family name.
    GivenFirst,
    /// Family name, space, given name (Japanese, Hungarian, Vietnamese).
    FamilyFirst,
    /// Family name and given name with nothing between them (Chinese, Korean).
    FamilyJoined,
}

/// One name part: as it is written, and its Latin spelling in lower case.
pub(crate) type Part = (&'static str, &'static str);

/// The names of one culture.
#[derive(Debug)]
pub(crate) struct Culture {
    /// Language tag, used as `preferredLanguage`.
    pub(crate) language: &'static str,
    pub(crate) order: Order,
    pub(crate) given: Vec<Part>,
    pub(crate) family: Vec<Part>,
}

/// Every culture, in a fixed order.
pub(crate) static CULTURES: LazyLock<Vec<Culture>> = LazyLock::new(|| {
    TABLE
        .iter()
        .map(|(language, order, given, family)| Culture {
            language,
            order: *order,
            given: parts(given),
            family: parts(family),
        })
        .collect()
});

/// Reads `written/latin,written/latin`.
fn parts(list: &'static str) -> Vec<Part> {
    list.split(',').map(|part| part.split_once('/').unwrap_or((part, part))).collect()
}

type Row = (&'static str, Order, &'static str, &'static str);

use Order::{FamilyFirst, FamilyJoined, GivenFirst};

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("uk", GivenFirst,
     "Олена/olena,Марія/mariia,Андрій/andrii,Тарас/taras,Ірина/iryna,Оксана/oksana,Богдан/bohdan,Наталія/nataliia,Юрій/yurii,Софія/sofiia,Дмитро/dmytro,Ганна/hanna,Петро/petro,Людмила/liudmyla,Василь/vasyl,Зоряна/zoriana",
     "Шевченко/shevchenko,Коваленко/kovalenko,Бондар/bondar,Мельник/melnyk,Ткачук/tkachuk,Кравець/kravets,Лисенко/lysenko,Гончар/honchar,Савчук/savchuk,Поліщук/polishchuk,Романюк/romaniuk,Яценко/yatsenko,Дорошенко/doroshenko,Їжак/yizhak,Щербина/shcherbyna,Заєць/zaiets"),
    ("bg", GivenFirst,
     "Георги/georgi,Мария/mariya,Иван/ivan,Елена/elena,Димитър/dimitar,Радка/radka,Николай/nikolay,Цветелина/tsvetelina,Стоян/stoyan,Йорданка/yordanka,Петър/petar,Боряна/boryana",
     "Иванов/ivanov,Петрова/petrova,Димитров/dimitrov,Георгиева/georgieva,Стоянов/stoyanov,Николова/nikolova,Тодоров/todorov,Христова/hristova,Ангелов/angelov,Колева/koleva,Янков/yankov,Щерева/shtereva"),
    ("el", GivenFirst,
     "Αθηνά/athina,Γιώργος/giorgos,Ελένη/eleni,Δημήτρης/dimitris,Κατερίνα/katerina,Νίκος/nikos,Σοφία/sofia,Θανάσης/thanasis,Ιωάννα/ioanna,Παναγιώτης/panagiotis,Χρυσούλα/chrysoula,Οδυσσέας/odysseas",
     "Παπαδοπούλου/papadopoulou,Νικολαΐδης/nikolaidis,Γεωργίου/georgiou,Οικονόμου/oikonomou,Καραγιάννης/karagiannis,Αντωνίου/antoniou,Βασιλείου/vasileiou,Μακρής/makris,Παππάς/pappas,Χατζής/chatzis,Ξενάκης/xenakis,Ψαρράς/psarras"),
    ("ar", GivenFirst,
     "نور/nour,محمد/mohammed,فاطمة/fatima,أحمد/ahmad,ليلى/layla,يوسف/yousef,مريم/maryam,خالد/khaled,سلمى/salma,عمر/omar,هدى/huda,إبراهيم/ibrahim,زينب/zaynab,حسن/hassan,رانيا/rania,سامي/sami",
     "الهاشمي/alhashimi,المصري/almasri,حداد/haddad,الخطيب/alkhatib,نجار/najjar,الشامي/alshami,منصور/mansour,العلي/alali,درويش/darwish,قاسم/qasim,صباغ/sabbagh,الزهراني/alzahrani,بركات/barakat,سليمان/suleiman,عوض/awad,الفارسي/alfarsi"),
    ("he", GivenFirst,
     "דניאל/daniel,נועה/noa,יוסף/yosef,תמר/tamar,איתן/eitan,מיכל/michal,אורי/uri,שירה/shira,גיא/guy,רחל/rachel,עמית/amit,הילה/hila",
     "לוי/levi,כהן/cohen,מזרחי/mizrahi,פרץ/peretz,ביטון/biton,אברהם/avraham,פרידמן/friedman,שפירא/shapira,אזולאי/azoulay,בן־דוד/bendavid,גולן/golan,רוזן/rosen"),
    ("fa", GivenFirst,
     "رضا/reza,شیرین/shirin,آرش/arash,نسترن/nastaran,کیان/kian,پریسا/parisa,بهرام/bahram,ژاله/zhaleh,سهراب/sohrab,گلناز/golnaz",
     "کریمی/karimi,احمدی/ahmadi,رستمی/rostami,نیک‌پور/nikpour,فرهادی/farhadi,شریفی/sharifi,تهرانی/tehrani,موسوی/mousavi,گلستانی/golestani,یزدانی/yazdani"),
    ("hi", GivenFirst,
     "दीपिका/deepika,अर्जुन/arjun,प्रिया/priya,रोहन/rohan,अनन्या/ananya,विक्रम/vikram,काव्या/kavya,संजय/sanjay,मीरा/meera,आदित्य/aditya,नेहा/neha,राहुल/rahul,श्रुति/shruti,किरण/kiran,ज्योति/jyoti,मनोज/manoj",
     "नायर/nair,शर्मा/sharma,वर्मा/verma,गुप्ता/gupta,पटेल/patel,सिंह/singh,मिश्रा/mishra,अय्यर/iyer,जोशी/joshi,चौधरी/chaudhary,द्विवेदी/dwivedi,कुलकर्णी/kulkarni,भट्ट/bhatt,देशपांडे/deshpande,राव/rao,त्रिपाठी/tripathi"),
    ("pa", GivenFirst,
     "ਹਰਪ੍ਰੀਤ/harpreet,ਗੁਰਪ੍ਰੀਤ/gurpreet,ਮਨਜੀਤ/manjit,ਸਿਮਰਨ/simran,ਜਸਲੀਨ/jasleen,ਬਲਵਿੰਦਰ/balwinder,ਅਮਰਜੀਤ/amarjit,ਨਵਦੀਪ/navdeep",
     "ਕੌਰ/kaur,ਸਿੰਘ/singh,ਗਿੱਲ/gill,ਸੰਧੂ/sandhu,ਢਿੱਲੋਂ/dhillon,ਬਰਾੜ/brar,ਧਾਲੀਵਾਲ/dhaliwal,ਗਰੇਵਾਲ/grewal"),
    ("th", GivenFirst,
     "ณัฐพล/nattapon,สมชาย/somchai,พิมพ์ชนก/pimchanok,วรรณา/wanna,ธนกฤต/thanakrit,กมลชนก/kamonchanok,อนุชา/anucha,ปาริชาติ/parichat,ศิริพร/siriporn,ชัยวัฒน์/chaiwat,นภัสสร/napatsorn,ก้องภพ/kongphop",
     "ศรีสุข/srisuk,ทองดี/thongdee,วงศ์สวัสดิ์/wongsawat,แก้วมณี/kaewmanee,บุญมี/boonmee,รัตนกุล/rattanakul,สุขเกษม/sukkasem,พงษ์ไพบูลย์/phongphaibun,จันทร์เพ็ญ/chanpen,ชูเกียรติ/chukiat,อินทรสุวรรณ/intharasuwan,มั่นคง/mankhong"),
    ("ka", GivenFirst,
     "გიორგი/giorgi,ნინო/nino,ლევან/levan,მარიამ/mariam,დავით/davit,თამარ/tamar,ირაკლი/irakli,ქეთევან/ketevan,ზურაბ/zurab,ეკა/eka",
     "ბერიძე/beridze,კაპანაძე/kapanadze,გელაშვილი/gelashvili,მაისურაძე/maisuradze,ლომიძე/lomidze,ჯავახიშვილი/javakhishvili,წიკლაური/tsiklauri,კვარაცხელია/kvaratskhelia,ხარაძე/kharadze,ჩხეიძე/chkheidze"),
    ("hy", GivenFirst,
     "Իվետա/iveta,Արամ/aram,Անի/ani,Տիգրան/tigran,Լուսինե/lusine,Հայկ/hayk,Մարիամ/mariam,Գոռ/gor,Նարե/nare,Վահե/vahe",
     "Մուկուչյան/mukuchyan,Պետրոսյան/petrosyan,Հակոբյան/hakobyan,Սարգսյան/sargsyan,Գրիգորյան/grigoryan,Մկրտչյան/mkrtchyan,Ղազարյան/ghazaryan,Եղիազարյան/yeghiazaryan,Խաչատրյան/khachatryan,Ավետիսյան/avetisyan"),
    ("am", GivenFirst,
     "ሰላም/selam,ዳዊት/dawit,ሃና/hana,አበበ/abebe,ትዕግስት/tigist,ዮሐንስ/yohannes,ሰብለ/seble,ብርሃኑ/birhanu,ሜሮን/meron,ካሳ/kassa",
     "ተስፋዬ/tesfaye,በቀለ/bekele,ገብረ/gebre,ወልደ/wolde,ኃይሉ/hailu,መኮንን/mekonnen,አለሙ/alemu,ደስታ/desta,ታደሰ/tadesse,ፍቅሩ/fikru"),
    ("zh", FamilyJoined,
     "秀英/xiuying,伟/wei,芳/fang,建国/jianguo,静/jing,志强/zhiqiang,丽娜/lina,俊杰/junjie,雨桐/yutong,思远/siyuan,欣怡/xinyi,浩然/haoran,晓明/xiaoming,梓涵/zihan,美玲/meiling,天宇/tianyu",
     "王/wang,李/li,张/zhang,刘/liu,陈/chen,杨/yang,黄/huang,赵/zhao,吴/wu,周/zhou,徐/xu,孙/sun,欧阳/ouyang,诸葛/zhuge,司马/sima,龙/long"),
    ("ja", FamilyFirst,
     "美咲/misaki,翔太/shota,陽子/yoko,健一/kenichi,さくら/sakura,大輔/daisuke,優子/yuko,蓮/ren,直樹/naoki,葵/aoi,千尋/chihiro,拓也/takuya,花子/hanako,隼人/hayato,舞/mai,悠真/yuma",
     "田中/tanaka,佐藤/sato,鈴木/suzuki,高橋/takahashi,渡邊/watanabe,伊藤/ito,中村/nakamura,小林/kobayashi,山本/yamamoto,加藤/kato,吉田/yoshida,長谷川/hasegawa,五十嵐/igarashi,森/mori,藤原/fujiwara,勅使河原/teshigawara"),
    ("ko", FamilyJoined,
     "서연/seoyeon,민준/minjun,지우/jiwoo,하은/haeun,도윤/doyun,수빈/subin,예준/yejun,지민/jimin,현우/hyunwoo,유진/yujin,은서/eunseo,태현/taehyun,소영/soyoung,준호/junho,미래/mirae,정훈/junghoon",
     "김/kim,이/lee,박/park,최/choi,정/jung,강/kang,조/cho,윤/yoon,장/jang,임/lim,한/han,오/oh,남궁/namgung,황보/hwangbo,신/shin,권/kwon"),
    ("vi", FamilyFirst,
     "Thị Hạnh/hanh,Quang Minh/minh,Thị Lan/lan,Văn Hùng/hung,Thanh Hương/huong,Đức Anh/anh,Ngọc Bích/bich,Hữu Phước/phuoc,Mỹ Duyên/duyen,Tuấn Kiệt/kiet,Phương Thảo/thao,Gia Bảo/bao,Thùy Linh/linh,Xuân Trường/truong",
     "Nguyễn/nguyen,Trần/tran,Lê/le,Phạm/pham,Huỳnh/huynh,Võ/vo,Đặng/dang,Bùi/bui,Đỗ/do,Hồ/ho,Ngô/ngo,Dương/duong,Lý/ly,Tôn Thất/tonthat"),
    ("yo", GivenFirst,
     "Adébáyọ̀/adebayo,Fọláṣadé/folasade,Olúwaṣeun/oluwaseun,Ìyábọ̀/iyabo,Táíwò/taiwo,Kẹ́hìndé/kehinde,Bọ́lánlé/bolanle,Ṣọlá/sola,Ọmọ́tárá/omotara,Àyìndé/ayinde",
     "Adéyẹmí/adeyemi,Ògúnlẹ́yẹ/ogunleye,Ọláníyan/olaniyan,Fágbèmí/fagbemi,Ajàyí/ajayi,Bámgbóṣé/bamgbose,Ọ̀ṣúnsànyà/osunsanya,Akíntọ́lá/akintola,Ṣóyínká/soyinka,Ẹlẹ́shin/elesin"),
    ("ig", GivenFirst,
     "Adaeze/adaeze,Chukwuemeka/chukwuemeka,Ngọzi/ngozi,Ọbịnna/obinna,Chịọma/chioma,Ikechukwu/ikechukwu,Ụzọamaka/uzoamaka,Nnamdi/nnamdi,Ifẹọma/ifeoma,Kelechi/kelechi",
     "Ọkáfọ̀/okafor,Eze/eze,Nwọsụ/nwosu,Ọkọnkwọ/okonkwo,Ụzọ/uzo,Achebe/achebe,Ọbị/obi,Nwachukwu/nwachukwu,Ọnyẹka/onyeka,Ịheanachọ/iheanacho"),
    ("haw", GivenFirst,
     "Kaʻiulani/kaiulani,Keoni/keoni,Leilani/leilani,Kekoa/kekoa,Hiʻilei/hiilei,Kalani/kalani,Nālani/nalani,Makoa/makoa",
     "Kealoha/kealoha,Kahananui/kahananui,Kaʻōpio/kaopio,Māhoe/mahoe,Kūkaʻilimoku/kukailimoku,Nākoa/nakoa,Hoʻokano/hookano,Keaweʻaimoku/keaweaimoku"),
    ("ga", GivenFirst,
     "Siobhán/siobhan,Pádraig/padraig,Caoimhe/caoimhe,Tadhg/tadhg,Niamh/niamh,Oisín/oisin,Aoife/aoife,Cillian/cillian,Gráinne/grainne,Fiachra/fiachra",
     "Ní Dhomhnaill/nidhomhnaill,O'Brien/obrien,Mac Cárthaigh/maccarthaigh,Ó Súilleabháin/osuilleabhain,Byrne/byrne,de Búrca/deburca,Ní Cheallaigh/nicheallaigh,Ó Néill/oneill,Walsh/walsh,Mac Giolla Phádraig/macgiollaphadraig"),
    ("pl", GivenFirst,
     "Łukasz/lukasz,Agnieszka/agnieszka,Michał/michal,Małgorzata/malgorzata,Grzegorz/grzegorz,Zuzanna/zuzanna,Paweł/pawel,Ewa/ewa,Krzysztof/krzysztof,Joanna/joanna,Jędrzej/jedrzej,Żaneta/zaneta",
     "Wójcik/wojcik,Kowalczyk/kowalczyk,Zieliński/zielinski,Szymańska/szymanska,Woźniak/wozniak,Dąbrowska/dabrowska,Brzęczyszczykiewicz/brzeczyszczykiewicz,Król/krol,Jabłońska/jablonska,Pawłowski/pawlowski,Gołębiewska/golebiewska,Żak/zak"),
    ("cs", GivenFirst,
     "Tomáš/tomas,Kateřina/katerina,Jiří/jiri,Lenka/lenka,Ondřej/ondrej,Markéta/marketa,Vojtěch/vojtech,Božena/bozena,Šimon/simon,Žofie/zofie",
     "Dvořák/dvorak,Nováková/novakova,Svoboda/svoboda,Černá/cerna,Procházka/prochazka,Kučerová/kucerova,Veselý/vesely,Horáková/horakova,Němec/nemec,Růžičková/ruzickova"),
    ("hu", FamilyFirst,
     "Zsófia/zsofia,László/laszlo,Ágnes/agnes,Gergő/gergo,Eszter/eszter,Ödön/odon,Réka/reka,Bálint/balint,Tünde/tunde,Csaba/csaba",
     "Szőke/szoke,Nagy/nagy,Kovács/kovacs,Tóth/toth,Szűcs/szucs,Horváth/horvath,Fülöp/fulop,Gönczi/gonczi,Vörös/voros,Bíró/biro"),
    ("tr", GivenFirst,
     "Mehmet Çağrı/mehmet,Ayşe/ayse,Işıl/isil,Emre/emre,Gülşen/gulsen,Özgür/ozgur,Zeynep/zeynep,İbrahim/ibrahim,Tuğba/tugba,Can/can",
     "Yıldız/yildiz,Öztürk/ozturk,Şahin/sahin,Çelik/celik,Kılıç/kilic,Aydın/aydin,Doğan/dogan,Güneş/gunes,Iğdır/igdir,Yılmaz/yilmaz"),
    ("es", GivenFirst,
     "Ximena/ximena,José Ignacio/jose,Lucía/lucia,Íñigo/inigo,Begoña/begona,Álvaro/alvaro,Inés/ines,Raúl/raul,María Fernanda/maria,Martín/martin,Sofía/sofia,Andrés/andres",
     "Muñoz-Ibáñez/munoz,Echeverría de la Fuente/echeverria,García/garcia,Núñez/nunez,Peña/pena,Rodríguez/rodriguez,Güell/guell,Fernández/fernandez,Castaño/castano,Jiménez/jimenez,López/lopez,Vázquez Montalbán/vazquez"),
    ("pt", GivenFirst,
     "João/joao,Conceição/conceicao,Luís/luis,Inês/ines,Gonçalo/goncalo,Beatriz/beatriz,Antônio/antonio,Débora/debora,Caetano/caetano,Yasmin/yasmin",
     "Guimarães/guimaraes,Araújo/araujo,dos Santos/dossantos,Gonçalves/goncalves,Simões/simoes,Magalhães/magalhaes,Sá/sa,Conceição/conceicao,Brandão/brandao,Teixeira/teixeira"),
    ("fr", GivenFirst,
     "Aïssatou/aissatou,François/francois,Zoé/zoe,Loïc/loic,Hélène/helene,Maël/mael,Anaïs/anais,Étienne/etienne,Noémie/noemie,Baptiste/baptiste,Élodie/elodie,Cédric/cedric",
     "Diallo/diallo,Lefèvre/lefevre,d'Alembert/dalembert,Côté/cote,Hÿ/hy,Beaulieu/beaulieu,L'Écuyer/lecuyer,Gauthier/gauthier,Françaix/francaix,Mbaye/mbaye,Thériault/theriault,Pâquerette/paquerette"),
    ("de", GivenFirst,
     "Jürgen/juergen,Käthe/kaethe,Björn/bjoern,Anneliese/anneliese,Wolfgang/wolfgang,Sabine/sabine,Götz/goetz,Ute/ute,Sören/soeren,Henrike/henrike,Matthias/matthias,Änne/aenne",
     "Müller/mueller,Weiß/weiss,Schröder/schroeder,Grünewald/gruenewald,von der Heide/vonderheide,Kühn/kuehn,Bäumer/baeumer,Voß/voss,Ziegler/ziegler,Köhler/koehler,Lindqvist/lindqvist,Straßburger/strassburger"),
    ("da", GivenFirst,
     "Søren/soren,Åse/aase,Bjørn/bjorn,Mette/mette,Jørgen/jorgen,Sigrún/sigrun,Þórdís/thordis,Øyvind/oyvind,Freja/freja,Hákon/hakon",
     "Ågård Østergaard/ostergaard,Jónsdóttir/jonsdottir,Sørensen/sorensen,Bjørnstad/bjornstad,Guðmundsson/gudmundsson,Kjær/kjaer,Håland/haland,Nygård/nygard,Ægisdóttir/aegisdottir,Lund/lund"),
    ("en", GivenFirst,
     "Thandiwe/thandiwe,Grace/grace,Oliver/oliver,Amelia/amelia,Noah/noah,Isla/isla,Ethan/ethan,Ruby/ruby,Sipho/sipho,Hannah/hannah,Marcus/marcus,Chloë/chloe,Zachary/zachary,Imogen/imogen,Lerato/lerato,Desmond/desmond",
     "Mokoena/mokoena,Smith/smith,Fairweather/fairweather,Okoro/okoro,Featherstonehaugh/featherstonehaugh,Nguyen-Jones/nguyenjones,Bright/bright,Cholmondeley/cholmondeley,Dlamini/dlamini,Abernathy/abernathy,St. John/stjohn,Hargreaves/hargreaves,van Wyk/vanwyk,Kingsley/kingsley,Naidoo/naidoo,Whitlock/whitlock"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_latin_spelling_is_plain_ascii() {
        for culture in CULTURES.iter() {
            for (written, latin) in culture.given.iter().chain(&culture.family) {
                assert!(!written.is_empty());
                assert!(
                    latin.bytes().all(|byte| byte.is_ascii_lowercase()),
                    "{written} has no plain spelling: {latin}"
                );
            }
        }
    }
}
