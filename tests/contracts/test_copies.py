"""Code that only computes is on both sides and needs no seam; what is not shown to compute only is none."""

from __future__ import annotations

import pytest
from test_operations import beside

from strangler.contracts.operations import Operation

MODELS = """
    from django.db import models
    class Customer(models.Model):
        name = models.CharField(max_length=40)
    class Product(models.Model):
        name = models.CharField(max_length=40)
        owner = models.ForeignKey(Customer, on_delete=models.CASCADE)
        def short(self):
            return self.name[:10]
    """
GOODS = """
    import functools
    import logging
    import re
    from pydantic import BaseModel
    from django import forms
    from django.conf import settings
    from goods.models import Customer, Product

    WORD = re.compile("[a-z]+")
    COLOURS = {"red": 1, "blue": 2}
    RATES = {"de": 19}
    SEEN = []
    COUNT = 0
    log = logging.getLogger(__name__)

    class Counter:
        def __init__(self):
            self.count = 0
        def step(self):
            self.count += 1
            return self.count

    counter = Counter()

    class Range:
        def __init__(self, low, high):
            self.low, self.high = low, high
        def holds(self, value):
            return self.low <= value <= self.high

    class Reply(BaseModel):
        code: int

    def code_of(text):
        return Reply.model_validate_json(text).code

    class Plain(forms.Form):
        name = forms.CharField(max_length=20)
        def clean_name(self):
            return self.cleaned_data["name"].strip()
        def clean(self):
            if self.cleaned_data.get("name") == "no":
                self.add_error("name", "is no name")

    class Known(forms.Form):
        name = forms.CharField(max_length=20)
        def clean_name(self):
            return Customer.objects.get(name=self.cleaned_data["name"])

    class Choice(forms.Form):
        owner = forms.ModelChoiceField(queryset=None)

    def words(text):
        log.info("read %s", text)
        return WORD.findall(text)

    def colour(name):
        return COLOURS.get(name, 0)

    def rate(country):
        return RATES[country]

    def set_rate(country, value):
        RATES[country] = value

    def seen(name):
        return name in SEEN

    def bump():
        global COUNT
        COUNT += 1
        return COUNT

    def count():
        return COUNT

    def remembered(name, known=[]):
        known.append(name)
        return len(known)

    def each(values, action):
        return [action(value) for value in values]

    def only_if(name):
        def decorator(function):
            @functools.wraps(function)
            def wrapper(*args):
                return function(*args) if getattr(settings, name) else None
            return wrapper
        return decorator

    def logged(function):
        def wrapper(*args):
            Customer.objects.create(name="log")
            return function(*args)
        return wrapper

    def owner_of(item):
        return item.owner.name

    def dig(item, path):
        return functools.reduce(getattr, path.split("."), item)

    def reading(item, name):
        return getattr(item, name)

    def lines(path):
        return open(path).readlines()

    def mapped(values):
        return list(map(lambda value: Customer.objects.get(name=value), values))

    def leads(values):
        return colour(values[0]) + bump()
    """
VIEWS = """
    from goods import services
    from goods.services import Choice, Counter, Known, Plain, Range, counter, logged, only_if

    @only_if("OPEN")
    def page(values, product):
        services.words("a"); services.colour("red"); services.rate("de"); services.set_rate("de", 7)
        services.seen("a"); services.bump(); services.count(); services.remembered("a")
        services.each(values, print); services.owner_of(product); services.dig(product, "owner.name")
        services.reading(product, values[0]); services.lines("x"); services.mapped(values)
        services.leads(values); services.code_of("{}")
        counter.step()
        Range(1, 2).holds(1)
        return Plain(values), Known(values), Choice(values), Counter()

    @logged
    def other(values):
        services.SEEN.append(values)
    """


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, Operation]:
    return beside(tmp_path_factory.mktemp("copies"), MODELS, GOODS, VIEWS)


def test_what_only_computes_is_on_both_sides(found):
    assert sorted(name for name, item in found.items() if item.beside == "computes") == [
        "Plain",  # a form, with what its fields and methods do
        "Range",
        "Range_holds",  # of an object that nothing changes
        "code_of",  # of a record that a library reads
        "colour",  # reads a constant
        "each",  # calls what its caller hands over
        "only_if",  # a decorator, with the function that it puts around
        "words",  # of a pattern, and writes to a log
    ]
    assert not any(item.blockers for item in found.values() if item.beside)


@pytest.mark.parametrize(
    "name",
    [
        *("rate", "set_rate", "seen", "bump", "count", "remembered"),  # a process would keep it for itself
        *("Counter", "Counter_step", "leads"),
        *("Known", "Choice", "logged", "mapped"),  # tables, also from a function or a class inside
        *("owner_of", "dig", "reading"),  # perhaps the table of a row's row
        "lines",
    ],
)
def test_what_is_not_shown_to_compute_only_is_no_copy(found, name):
    print(name, found[name].beside, found[name].replicas)
    assert found[name].beside != "computes"
