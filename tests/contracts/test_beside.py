"""Code that acts on what its caller's process has is right on both sides; what writes, sends or keeps is
not."""

from __future__ import annotations

import pytest
from test_operations import beside

from strangler.contracts.operations import Operation

MODELS = """
    from django.db import models
    class Customer(models.Model):
        name = models.CharField(max_length=40)
        mails = models.BooleanField()
    """
GOODS = """
    import functools
    import stripe
    from django import forms
    from django.contrib import messages
    from django.core.cache import cache
    from django.shortcuts import redirect, render
    from django.views import View
    from django.views.generic import CreateView
    from goods.models import Customer

    LABELS = {"a": "A"}
    KNOWN = {}

    class Signed:
        def allow(self, request):
            return request.user.is_authenticated

    class Page(View):
        template = "page.html"
        def found(self):
            return None
        def answer(self, request, **context):
            context["label"] = LABELS["a"]
            return render(request, self.template, context)
        def touch(self):
            return self.note()
        def note(self):
            return None
        def store(self):
            return self.keep()
        def keep(self):
            return None

    class Stored(Page):
        def keep(self):
            Customer.objects.create(name="x", mails=True)

    class Storing:
        def put_in(self, request):
            raise NotImplementedError

    class Sending:
        def push_out(self, request):
            raise NotImplementedError

    class ByCard(Sending):
        def push_out(self, request):
            return stripe.Charge.create(request.POST["card"])

    class Named(forms.ModelForm):
        class Meta:
            model = Customer
            fields = ["name"]
        def clean_name(self):
            return self.cleaned_data["name"].strip()

    class Saved(forms.ModelForm):
        class Meta:
            model = Customer
            fields = ["name"]
        def finish(self):
            Customer.objects.filter(pk=1).update(mails=False)

    class Adding(CreateView):
        model = Customer

    class Field(forms.CharField):
        def __init__(self, *args, **kwargs):
            self.strict = kwargs.pop("strict", False)
            super().__init__(*args, **kwargs)

    def back(request, name):
        messages.info(request, "gone")
        return redirect(request.GET.get("next") or name)

    def only_known(function):
        @functools.wraps(function)
        def around(request, *args):
            if not request.user.is_authenticated:
                return redirect("login")
            return function(request, *args)
        return around

    def wanted(request):
        return Customer.objects.filter(mails=True).exclude(name=request.GET["not"])

    def charge(request, card):
        return stripe.Charge.retrieve(request.POST["card"], card)

    def cached(request):
        return cache.get_or_set(request.path, 1)

    def known(request):
        KNOWN[request.path] = request.user
        return request

    def seen(request):
        return request, KNOWN.get(request.path)

    def rename(request, customer: Customer):
        customer.name = request.POST["name"]
        customer.save()
        return request

    def planted(request, page):
        return page.add_child(request.POST["name"])

    def anything(request, thing):
        thing.save()
        return request
    """
VIEWS = """
    from goods import services
    from goods.services import Adding, Field, Named, Page, Saved, Signed, only_known

    class Shown(Page):
        def get(self, request):
            self.touch()
            self.store()
            return self.answer(request)

    @only_known
    def page(request, customer, stream):
        Signed().allow(request)
        services.charge(request, stream).push(); services.cached(request).push(); services.known(request)
        services.seen(request).push(); services.rename(request, customer)
        services.anything(request, customer); services.planted(request, stream)
        one: services.Storing = stream.one
        two: services.Sending = stream.two
        one.put_in(request).push(); two.push_out(request).push()
        services.wanted(request).count()
        return services.back(request, "start"), Named(request.POST), Saved(request.POST), Adding(), Field()
    """


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, Operation]:
    return beside(tmp_path_factory.mktemp("beside"), MODELS, GOODS, VIEWS)


def test_what_acts_on_its_callers_request_is_on_both_sides(found):
    assert sorted(name for name, item in found.items() if item.beside == "process") == [
        "Field",
        "Page_answer",  # of a view that the caller's own view is made of
        "back",
    ]
    assert found["Page_touch"].beside == "computes"
    assert not any(item.blockers for item in found.values() if item.beside)


def test_what_reads_tables_as_well_needs_a_replica_of_them(found):
    reading = {name: item.replicas for name, item in found.items() if item.beside == "replica"}
    users = ("auth_user", "django_session")
    assert reading == {
        "Named": (),
        **dict.fromkeys(["Signed", "Signed_allow", "only_known"], users),
        "wanted": ("goods_customer",),
    }


@pytest.mark.parametrize(
    "name",
    [
        *("Saved", "Adding", "rename", "anything"),  # write
        "Page_store",  # a view made of it writes
        *("Storing_put_in", "Sending_push_out"),  # nothing says what it does; a derived class sends
        "planted",  # its name says that it changes something
        *("charge", "cached"),  # ask another service
        *("known", "seen"),  # what a process keeps
    ],
)
def test_what_writes_sends_or_keeps_is_on_one_side(found, name):
    assert not found[name].beside
    assert found[name].blockers
