"""Three people save one record in any order: what the forms store is what a plain model says.

The model knows nothing of forms, merging or the database: it follows each thing that can be changed
– a field, one tick of a list, a fact – from who opened it to who saved it.
"""

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from partnerships.models import Statement, Strategy
from programmes.models import Version
from tests.admin.forms import Open, new_row
from tests.builders import country, make_statement, make_strategy
from tests.chance import seeds

pytestmark = pytest.mark.django_db

FIELDS = {"summary": ("", "One.", "Two.\nThree.", "Four"), "region": ("", "One.", "Two.", "Four")}
CODES = ("NL", "BE", "EE")
FACTS = ("A fact.", "Another.", "A third.")
PERIODS = ("", "2018", "2019")
STEPS = 9

# A thing is a field ("summary",), a tick ("tick", "NL") or a fact ("fact", 17); what it holds is a
# text, whether it is ticked, or the text and period of the fact. A fact that is not there is None.
Things = dict[tuple[Any, ...], Any]


def read_things(strategy: Strategy) -> Things:
    strategy.refresh_from_db()
    ticked = set(strategy.countries.values_list("code", flat=True))
    rows = Statement.objects.filter(strategy=strategy).order_by("pk")
    return {
        **{(name,): getattr(strategy, name) for name in FIELDS},
        **{("tick", code): code in ticked for code in CODES},
        **{("fact", row.pk): (row.text, row.period) for row in rows},
    }


def list_facts(things: Things) -> list[Any]:
    return [held for thing, held in things.items() if thing[0] == "fact" and held]


class Person:
    """Somebody with the form open: what they saw, what they want, and the form itself."""

    def __init__(self, client: Client, strategy: Strategy, stored: Things) -> None:
        self.form = Open(client, strategy)
        self.saw: Things = dict(stored)
        self.wants: Things = dict(stored)
        self.adds: list[Any] = []
        self.asked: Things = {}  # what others made of what is asked about, as shown

    def edit(self, chance: random.Random) -> None:
        """Change one thing, in the form and in what is wanted."""
        what = chance.choice(["field", "tick", "fact", "fact", "remove", "add"])
        facts = [thing for thing, held in self.wants.items() if thing[0] == "fact" and held]
        if what == "field":
            field = chance.choice([*FIELDS])
            self.want((field,), chance.choice(FIELDS[field]))
        elif what == "tick":
            thing = ("tick", chance.choice(CODES))
            self.want(thing, not self.wants[thing])
        elif what == "add":
            self.adds.append((chance.choice(FACTS), chance.choice(PERIODS)))
            self.fill_new(*self.adds[-1])
        elif facts:
            fact = chance.choice(facts)
            changed = (chance.choice(FACTS), chance.choice(PERIODS))
            self.want(fact, None if what == "remove" else changed)

    def want(self, thing: tuple[Any, ...], held: Any) -> None:
        self.wants[thing] = held
        data = self.form.data
        if thing[0] == "tick":
            wanted = [code for code in CODES if self.wants["tick", code]]
            data["countries"] = [country(code).pk for code in wanted]
        elif thing[0] == "fact":
            row = self.find_row(thing[1])
            if held is None:
                data[f"{row}-DELETE"] = "on"
            else:
                data[f"{row}-text"], data[f"{row}-period"] = held
        else:
            data[thing[0]] = held.replace("\n", "\r\n")

    def find_row(self, pk: int) -> str:
        """Return the prefix of the row of a fact; one that was removed is known by another name."""
        return next(
            key.rpartition("-")[0]
            for key, held in self.form.data.items()
            if key.startswith("statements-") and key.endswith(("-id", "-_was"))
            if str(held) == str(pk)
        )

    def fill_new(self, text: str, period: str) -> None:
        number = int(self.form.data["statements-TOTAL_FORMS"])
        row = new_row(
            "statements", number, kind="fact", qualifier="exact", text=text, period=period
        )
        self.form.data |= row

    # What the model says

    def find_conflicts(self, stored: Things, answers: dict[Any, str]) -> set[Any]:
        """Return what this person and another changed, each in another way, and is unanswered."""
        return {
            thing
            for thing, wanted in self.wants.items()
            if thing[0] != "tick"
            and wanted != self.saw.get(thing)
            and stored.get(thing) not in (self.saw.get(thing), wanted)
            and not (thing in answers and self.asked.get(thing, self) == stored.get(thing))
        }

    def predict(self, stored: Things, answers: dict[Any, str]) -> tuple[Things, list[Any]]:
        """Return what is stored after saving: the things known before, and the new facts."""
        after, new = dict(stored), self.list_additions(stored)
        for thing, wanted in self.wants.items():
            theirs, saw = stored.get(thing), self.saw.get(thing)
            if wanted in (saw, theirs):
                continue
            answer = answers.get(thing, "mine") if theirs != saw else "mine"
            if answer == "was":
                after[thing] = saw
            elif answer == "both" or (answer == "mine" and thing[0] == "fact" and theirs is None):
                new.append(wanted)
            elif answer == "mine":
                after[thing] = wanted
        return {thing: held for thing, held in after.items() if held is not None}, new

    def list_additions(self, stored: Things) -> list[Any]:
        """Return the facts to add, without those that somebody else has added meanwhile."""
        others = [held for thing, held in stored.items() if thing not in self.saw]
        return [fact for fact in self.adds if fact not in others]

    def see_again(self, stored: Things, conflicts: set[Any]) -> None:
        """The form came back: it shows what is stored, but for what is open and was typed."""
        self.adds = self.list_additions(stored)
        shown: Things = {}
        for thing in {*self.wants, *stored}:
            is_mine = thing in conflicts or self.wants.get(thing) != self.saw.get(thing)
            shown[thing] = self.wants.get(thing) if is_mine else stored.get(thing)
        saw = {thing: self.saw.get(thing) for thing in conflicts}
        self.asked = {thing: stored.get(thing) for thing in conflicts}
        self.saw = {**stored, **saw}
        # What is left out was removed by others, and nobody minds.
        self.wants = {thing: held for thing, held in shown.items() if thing in self.saw}


def choose_answers(chance: random.Random, person: Person) -> dict[Any, str]:
    """Answer some of the questions on the page of a person, in the form; return the answers."""
    answers = {}
    for question in person.form.page.context["merge"].questions:
        thing = find_thing(person, question.name)
        offered = [option.answer for option in question.options]
        answer = chance.choice([*offered, None])
        if answer:
            answers[thing] = str(answer)
            person.form.data[f"{question.name}-_choice"] = f"{answer}:{question.mark}"
    return answers


def find_thing(person: Person, name: str) -> tuple[Any, ...]:
    data = person.form.data
    pk = data.get(f"{name}-_was") or data.get(f"{name}-id")
    return ("fact", int(str(pk))) if name.startswith("statements-") else (name,)


def make_people(number: int) -> Iterable[Client]:
    for name in range(number):
        client = Client()
        user = User.objects.create(username=f"person-{name}", is_staff=True, is_superuser=True)
        client.force_login(user)
        yield client


@pytest.mark.parametrize("seed", seeds(6))
def test_any_interleaving_stores_and_asks_what_the_model_says(seed: int) -> None:
    chance = random.Random(seed)
    strategy = make_strategy(summary="One.", region="Four")
    strategy.countries.set([country("NL")])
    for text in FACTS[:2]:
        make_statement(strategy=strategy, text=text)
    clients = [*make_people(chance.choice([2, 3]))]
    people: dict[int, Person] = {}
    for _step in range(STEPS):
        number = chance.randrange(len(clients))
        stored = read_things(strategy)
        if number not in people:
            people[number] = Person(clients[number], strategy, stored)
            for _edit in range(chance.randint(0, 3)):
                people[number].edit(chance)
            continue
        if chance.random() < 0.3:
            people[number].edit(chance)
        if send(chance, people[number], strategy):
            del people[number]


def send(chance: random.Random, person: Person, strategy: Strategy) -> bool:
    """Send the form of a person, and compare what happens with the model; return if it is saved."""
    stored, before = read_things(strategy), Version.objects.count()
    answers = choose_answers(chance, person) if person.asked else {}
    conflicts = person.find_conflicts(stored, answers)
    response = person.form.send({})
    if conflicts:
        assert response.status_code == 409
        questions = response.context["merge"].questions
        assert {find_thing(person, one.name) for one in questions} == conflicts
        assert Version.objects.count() == before
        settle(person, stored, answers, conflicts)
        return False
    assert response.status_code == 302, response.content.decode()
    expected, new = person.predict(stored, answers)
    now = read_things(strategy)
    assert {thing: now.get(thing) for thing in expected} == expected
    assert Counter(list_facts(now)) == Counter([*list_facts(expected), *new])
    is_same = expected == stored and not new
    assert (Version.objects.count() == before) is is_same
    return True


def settle(person: Person, stored: Things, answers: dict[Any, str], conflicts: set[Any]) -> None:
    """Let the model do what the page does with answers beside questions that are still open."""
    again = []
    for thing, answer in answers.items():
        theirs, saw = stored.get(thing), person.saw.get(thing)
        wanted = person.wants[thing]
        if thing in conflicts or wanted in (saw, theirs) or theirs == saw:
            continue
        person.saw[thing] = theirs
        if answer == "both" or (answer == "mine" and thing[0] == "fact" and theirs is None):
            again.append(wanted)
            person.wants[thing] = theirs
        elif answer != "mine":
            person.wants[thing] = saw if answer == "was" else theirs
    person.see_again(stored, conflicts)
    person.adds += again
