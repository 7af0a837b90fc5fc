"""Tests of what the columns of partners' tables become: by names in many languages, by values."""

import pytest

from stemobs.curation.importing.columns.names import find_zeros_in_name
from stemobs.curation.importing.columns.proposing import propose_columns
from stemobs.curation.importing.columns.settling import settle_column
from stemobs.curation.importing.meanings.rows import read_rows
from stemobs.curation.importing.meanings.tables import list_words, read_table, reduce
from stemobs.curation.importing.shapes import TARGETS, FileColumn
from tests.curation.importing.tables import KNOWN, make_table, read_column

pytestmark = pytest.mark.once


def propose(name: str, *values: str) -> FileColumn:
    table = make_table([name], *([value] for value in values or ("a text",)))
    return propose_columns(table, KNOWN, {})[0]


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("name", "Programme name, Projekttitel, Nom du projet, Naam project, Nazwa programu, "
                 "Název projektu, Názov, Nombre del proyecto, Nome del progetto, Nome do projeto, "
                 "A program neve, Denumirea proiectului, Projektnamn, Projektnavn, Prosjektnavn, "
                 "Hankkeen nimi, Projekti nimi, Projekta nosaukums, Projekto pavadinimas, "
                 "Naziv projekta, Ime projekta, Име на проекта, Τίτλος έργου"),
        ("country", "Country, Land, Pays, Landen, Państwo, Země, Krajina, País, Paese, Ország, "
                    "Țara, Länder, Lande, Maa, Riik, Valsts, Šalis, Država, Държава, Χώρα"),
        ("website", "Website, Webseite, Site internet, Webadres, Strona www, Webové stránky, "
                    "Webová stránka, Página web, Sito web, Honlap, Pagina web, Hemsida, "
                    "Hjemmeside, Nettside, Verkkosivut, Koduleht, Tīmekļa vietne, Svetainė, "
                    "Web stranica, Spletna stran, Уебсайт, Ιστοσελίδα"),
        ("level", "Education level, Schulform, Niveau scolaire, Onderwijsniveau, Etap edukacyjny, "
                  "Stupeň vzdělávání, Nivel educativo, Ordine di scuola, Nível de ensino, "
                  "Iskolatípus, Nivel de învățământ, Skolform, Uddannelsesniveau, Skoletrinn, "
                  "Koulutusaste, Kooliaste, Izglītības līmenis, Ugdymo lygis, "
                  "Razina obrazovanja, Raven izobraževanja, Образователно ниво, Βαθμίδα"),
        ("coordinator", "Coordinator, Träger, Organisme porteur, Penvoerder, Koordynator, "
                        "Pořadatel, Entidad organizadora, Ente capofila, Entidade promotora, "
                        "Szervező, Organizator, Arrangör, Tovholder, Järjestäjä, Korraldaja, "
                        "Vykdytojas, Nositelj, Izvajalec, Организатор, Φορέας υλοποίησης"),
        ("audience", "Target group, Zielgruppe, Public cible, Doelgroep, Grupa docelowa, "
                     "Cílová skupina, Cieľová skupina, Destinatarios, Destinatari, Público-alvo, "
                     "Célcsoport, Grup țintă, Målgrupp, Målgruppe, Kohderyhmä, Sihtrühm, "
                     "Mērķgrupa, Tikslinė grupė, Ciljna skupina, Целева група, Ομάδα-στόχος"),
        ("start", "Start year, Beginn, Date de début, Startjaar, Rok rozpoczęcia, Rok zahájení, "
                  "Rok začatia, Fecha de inicio, Data di inizio, Data de início, Kezdés éve, "
                  "An de început, Startår, Oppstartsår, Alkamisvuosi, Algusaasta, Sākuma gads, "
                  "Pradžios metai, Godina početka, Leto začetka, Начална година, Έτος έναρξης"),
        ("money", "Budget, Fördersumme, Financement, Begroting, Koszt, Rozpočet, Presupuesto, "
                  "Finanziamento, Orçamento, Költségvetés, Buget, Kostnad, Bevilling, Budsjett, "
                  "Rahoitus, Eelarve, Finansējums, Biudžetas, Proračun, Znesek, Бюджет, "
                  "Προϋπολογισμός"),
    ],
)  # fmt: skip
def test_names_of_columns_are_known_in_many_languages(target: str, names: str) -> None:
    wrong = {name for name in names.split(", ") if propose(name).target != target}
    assert wrong == set()


@pytest.mark.parametrize(
    ("unit", "names"),
    [
        ("students", "Pupils, Počet žáků, Anzahl Schüler, Nombre d'élèves, Nombre d’élèves, "
                     "Liczba uczniów, Reach (students), Aantal leerlingen, Počet žiakov, "
                     "Número de alumnos, Numero di alunni, Tanulók száma, Număr de elevi, "
                     "Antal elever, Oppilasmäärä, Õpilaste arv, Skolēnu skaits, "
                     "Mokinių skaičius, Broj učenika, Število učencev, Брой ученици, "
                     "Αριθμός μαθητών, Schülerzahl, Žáci 2022/23, Schüler (in Tsd.)"),
        ("schools", "Anzahl Schulen, Liczba szkół, Počet škol, Iskolák száma, Schools reached, "
                    "Koulujen määrä, Zapojené školy, No. of schools, Number of schools, "
                    "Numero scuole, Antall skoler, Mokyklų skaičius, # schools"),
        ("teachers", "Teachers, Lehrkräfte, Nombre d'enseignants, Liczba nauczycieli, "
                     "Počet učitelů, Pedagógusok száma, Opettajien määrä"),
    ],
)  # fmt: skip
def test_names_of_columns_say_what_is_counted(unit: str, names: str) -> None:
    found = {name: propose(name, "320", "12") for name in names.split(", ")}
    wrong = {name: one for name, one in found.items() if (one.target, one.unit) != ("reach", unit)}
    assert wrong == {}


@pytest.mark.parametrize(
    ("name", "currency", "zeros"),
    [
        ("Budget (EUR)", "EUR", 0),
        ("Koszt w zł", "PLN", 0),
        ("Budget in T€", "EUR", 3),
        ("Rozpočet v tis. Kč", "CZK", 3),
        ("Költségvetés (millió Ft)", "HUF", 6),
        ("Koszt (w tys. zł)", "PLN", 3),
        ("Budget k€", "EUR", 3),
        ("Budget (in Mio. EUR)", "EUR", 6),
        ("Funding", "", 0),
        ("Kostnad (kr)", "", 0),
    ],
)
def test_names_of_columns_say_currency_and_size(name: str, currency: str, zeros: int) -> None:
    column = propose(name, "100", "200")
    assert (column.target, column.currency) == ("money", currency)
    assert find_zeros_in_name(name) == zeros


@pytest.mark.parametrize(
    "name",
    ["Kontakt", "E-Mail", "Telefon", "Ansprechpartner/in", "Remarks", "Uwagi", "Interní poznámka",
     "Lp.", "ID", "Contact person (name)", "Coordinator e-mail", "Yhteyshenkilö", "Megjegyzés"],
)  # fmt: skip
def test_what_names_people_is_left_out(name: str) -> None:
    column = propose(name, "Someone")
    assert (column.target, column.certainty) == ("ignore", "suggested")


@pytest.mark.parametrize("name", ["Uczestnicy", "Teilnehmer", "Participants", "Počet účastníků"])
def test_whom_participants_are_is_asked(name: str) -> None:
    column = propose(name, "320")
    assert (column.target, column.unit, column.certainty) == ("reach", "", "asked")
    assert column.question
    assert [value for value, _told in column.question.options] == [
        "reach:students",
        "reach:participants",
        "reach",
    ]


def test_whose_year_it_is_is_asked_with_what_stands_in_the_cells() -> None:
    question = propose("Rok", "od 2014", "2016/17").question
    assert question
    assert "“od 2014” looks like a start, “2016/17” like a school year" in question.told
    assert [value for value, _told in question.options] == ["reach-when", "start", "mixed"]


def test_a_year_beside_a_start_is_that_of_the_figures() -> None:
    table = make_table(["Start", "Schools", "Year"], ["2014", "12", "2019"])
    assert [(one.target, one.certainty) for one in propose_columns(table, KNOWN, {})] == [
        ("start", "sure"),
        ("reach", "sure"),
        ("reach-when", "suggested"),
    ]


def test_in_which_role_partners_are_is_asked_and_their_number_is_a_figure() -> None:
    assert propose("Partner(s)", "Siemens").certainty == "asked"
    counted = propose("Partner(s)", "3", "12")
    assert (counted.target, counted.unit) == ("reach", "partner-organisations")


def test_partners_are_partners_where_another_column_says_who_runs_it() -> None:
    table = make_table(["Name", "Organiser", "Partners"], ["A", "B e.V.", "C GmbH"])
    told = [(one.target, one.certainty) for one in propose_columns(table, KNOWN, {})]
    assert told[1:] == [("coordinator", "sure"), ("partner", "sure")]


def test_two_columns_that_would_both_be_the_name_are_asked() -> None:
    table = make_table(["Name", "Title", "Country"], ["A", "B", "PL"])
    columns = propose_columns(table, KNOWN, {})
    assert [one.certainty for one in columns] == ["asked", "asked", "sure"]
    assert columns[0].question
    assert "other-name" in dict(columns[0].question.options)


@pytest.mark.parametrize(
    ("values", "target", "certainty"),
    [
        (["https://a.org", "www.b.cz/x", "c.pl"], "website", "suggested"),
        (["Polska", "DE/AT", "Česko a Slovensko"], "country", "suggested"),
        (["a@b.org", "c@d.cz"], "ignore", "suggested"),
        (["320 žáků", "12 škol"], "reach", "suggested"),
        (["some", "words"], "ignore", "asked"),
        ([""], "ignore", "suggested"),
    ],
)
def test_values_tell_what_an_unknown_column_is(
    values: list[str], target: str, certainty: str
) -> None:
    column = propose("Xyzzy", *values)
    assert (column.target, column.certainty) == (target, certainty)


def test_the_parts_of_a_name_are_read_together() -> None:
    expected = {
        "start": "Year of launch, Trvání od, projectStart, Curso de inicio",
        "end": "Trvání do, Laufzeit bis",
        "money": "Project budget, program_budget, Budget du projet",
        "coordinator": "org_name, Name of the lead partner, Q3_Organisation",
        "name": "prog_title",
    }
    for target, names in expected.items():
        cells = ["2014"] if target in ("start", "end") else ["12"] if target == "money" else ["X"]
        for name in names.split(", "):
            column = propose(name, *cells)
            assert (column.target, column.certainty) == (target, "sure"), name
    names = ("reach_pupils", "Effectif élèves", "Pupils (/yr)", "Pupils / Skolēni")
    counted = [propose(name, "12") for name in names]
    assert {(one.target, one.unit) for one in counted} == {("reach", "students")}


def test_a_word_within_a_name_counts_for_nothing_if_the_cells_do_not_fit() -> None:
    assert propose("Who may fund this", "Intel, Arup").certainty == "asked"
    assert propose("What runs there", "TU Delft").certainty == "asked"
    assert propose("Funding", "BMBF", "Siemens").certainty == "asked"
    assert propose("Funding", "£12,500.00").target == "money"
    assert propose("Publikum (élèves)", "640").target == "reach"
    assert propose("Beneficiaries", "640").certainty == "asked"
    assert propose("Organiser", "640").certainty == "asked"
    assert propose("Age of the pupils", "10-12").target == "age"


def test_the_school_year_in_a_name_is_none_of_its_words() -> None:
    for name, unit in {
        "Liczba uczniów w roku szkolnym 2022/2023": "students",
        "N. scuole a.s. 2023/24": "schools",
        "Alunos no ano letivo 2023/2024": "students",
    }.items():
        column = propose(name, "120", "80")
        assert (column.target, column.certainty, column.unit) == ("reach", "sure", unit), name


def test_classes_are_which_or_how_many_by_their_cells() -> None:
    assert propose("Klasės", "1–4 klasės", "gimnazija").target == "level"
    assert propose("Klassen", "48", "120").target == "reach"
    assert propose("Klassen", "5", "7").certainty == "asked"
    assert propose("Number of classes", "5", "7").target == "reach"


@pytest.mark.parametrize(
    ("name", "cells"),
    {
        "Público-alvo (anos de escolaridade)": "3.º ciclo; 1.º ciclo e 2.º ciclo; secundário",
        "Zielgruppe": "Sekundarstufe I; 5. Klasse",
        "Cílová skupina": "1. stupeň ZŠ; střední škola",
    }.items(),
)
def test_whom_it_is_for_may_be_told_by_levels(name: str, cells: str) -> None:
    column = propose(name, *cells.split("; "))
    assert (column.target, column.certainty) == ("level", "suggested")


def test_a_column_that_is_only_likely_gives_nothing_before_somebody_says_so() -> None:
    table = make_table(["Name", "Our cost here"], ["A", "12 €"], ["B", "40 €"])
    columns = propose_columns(table, KNOWN, {})
    assert (columns[1].target, columns[1].certainty) == ("money", "suggested")
    meaning = read_rows(table, columns, {}, KNOWN)
    assert all("money" not in row.facts for row in meaning.rows)
    question = meaning.questions[0]
    assert (question.key, question.lines) == ("column:1", (2, 3))
    assert [value for value, _told in question.options] == ["money", "ignore"]
    answered = read_rows(table, columns, {"column:1": "money"}, KNOWN)
    assert [row.facts["money"][0]["amount"] for row in answered.rows] == ["12", "40"]
    assert not answered.questions


def test_a_name_of_two_meanings_is_settled_by_its_values_or_asked() -> None:
    assert propose("Kraj", "Polska", "Czechy").target == "country"
    assert propose("Kraj", "2019", "2020").target == "end"
    assert propose("Kraj", "Jihomoravský").target == "region"
    assert propose("Kraj", "Polska", "2019").certainty == "asked"
    assert propose("Partner or region", "Łódź", "2019").certainty == "asked"
    assert propose("Stand", "2019").target == "reach-when"
    assert propose("Stand", "läuft").target == "status"
    assert propose("Nombre", "Un proyecto").target == "name"
    assert propose("Nombre", "320").target == "reach"


def test_what_a_column_became_earlier_is_remembered() -> None:
    table = make_table(["Xyzzy", "Zasięg szkół"], ["a", "12"])
    earlier = {"xyzzy": "summary", reduce("Zasięg szkół"): "reach:schools"}
    columns = propose_columns(table, KNOWN, earlier)
    assert [(one.target, one.unit, one.certainty) for one in columns] == [
        ("summary", "", "remembered"),
        ("reach", "schools", "remembered"),
    ]


def test_an_answer_settles_a_column() -> None:
    asked = propose("Uczestnicy", "320")
    settled = settle_column(asked, "reach:students")
    assert settled
    assert (settled.unit, settled.certainty, settled.question) == ("students", "sure", None)
    assert settle_column(asked, "nonsense") is None


def test_the_table_of_names_has_only_targets_and_names_for_most_in_each_language() -> None:
    table = read_table("columns")
    assert {one for one in table if not one.startswith("asked-")} <= set(TARGETS)
    for target in ("name", "country", "website", "level", "audience", "start", "money", "ignore"):
        assert len(table[target]) >= 18, target
    assert all(word == reduce(word) for words in table.values() for word in list_words(words))


def test_numbers_that_may_be_no_count_are_asked_about_and_left_until_then() -> None:
    names = (
        "Pupils (planned), Pupils per school, Fee per pupil (€), Średnia liczba uczniów, "
        "Kosten pro Schüler (€), Antal elever per klass, Anteil Mädchen, Grant requested (€)"
    )
    columns = [propose(name, "12", "40") for name in names.split(", ")]
    assert {(one.target, one.certainty) for one in columns} == {("ignore", "asked")}
    question = columns[0].question
    assert question
    assert [key for key, _told in question.options] == ["reach:students", "ignore"]
    yearly = "Pupils per year, Schüler pro Jahr, Élèves par an, Liczba uczniów rocznie"
    assert {propose(name, "12").target for name in yearly.split(", ")} == {"reach"}


def test_the_name_of_a_column_says_how_exact_its_numbers_are() -> None:
    for name, exact in (("Pupils (ca.)", "about"), ("Schüler (mind.)", "at-least")):
        meaning = read_column("reach", "300", "over 400", name=name, unit="students")
        told = [row.facts["reach"][0]["qualifier"] for row in meaning.rows]
        assert told == [exact, "over"]


def test_a_table_on_its_side_is_asked_about() -> None:
    table = make_table(["Programme", "Sky Lab"], ["Country", "Spain"], ["Pupils", "80"])
    column = propose_columns(table, KNOWN, {})[0]
    assert column.question
    assert "lie on its side" in column.question.told
