"""Ways in which Django code touches tables. Every public function is a case, run in its own transaction."""

from datetime import date

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.forms import ModelForm, modelform_factory
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.views.generic import DeleteView, DetailView, ListView, UpdateView
from lending import models as lending
from lending.models import Fine, Loan, Member
from library.models import Audiobook, Author, Book, Copy, Subject

OPEN_LOANS = "SELECT l.id FROM loans l JOIN lending_member m ON m.id = l.member_id WHERE l.returned IS NULL"


def _prepare():
    user = User.objects.create(username="eve")
    member = Member.objects.create(user=user)
    subject = Subject.objects.create(name="Sailing", broader=Subject.objects.create(name="Sports"))
    author = Author.objects.create(name="Slocum")
    for number in range(3):
        book = Book.objects.create(title=f"Book {number}", subject=subject)
        book.authors.add(author)
        copy = Copy.objects.create(book=book)
    loan = Loan.objects.create(member=member, copy=copy)
    Fine.objects.create(loan=loan, cents=50)
    Audiobook.objects.create(title="Heard", subject=subject)


def get_by_key():
    return Book.objects.get(pk=1)


def module_alias():
    return lending.Loan.objects.count()


def loop_over_all():
    for author in Author.objects.all():
        author.name.upper()


def follow_key():
    copy = Copy.objects.first()
    return copy.book.title


def key_without_query():
    copy = Copy.objects.first()
    return copy.book_id


def reverse_accessor():
    book = Book.objects.get(pk=3)
    return [copy.shelf for copy in book.copies.all()]


def reverse_one_to_one():
    user = get_user_model().objects.get(username="eve")
    return user.member.city


def two_steps_back():
    member = Member.objects.get(pk=1)
    return sum(fine.cents for loan in member.loans.all() for fine in loan.fines.all())


def filter_across_relations():
    return list(Fine.objects.filter(loan__member__user__username="eve"))


def filter_on_the_key_only():
    return list(Fine.objects.filter(loan__member_id=1))


def exclude_with_q():
    return Loan.objects.filter(Q(returned=None) & ~Q(copy__shelf="Z9")).count()


def select_related_joins():
    loan = Loan.objects.select_related("copy__book").get(pk=1)
    return loan.copy.book.title


def prefetched():
    books = Book.objects.prefetch_related("authors")
    return [author.name for book in books for author in book.authors.all()]


def values_across():
    return list(Copy.objects.values_list("shelf", "book__subject__name"))


def aggregate_over_relation():
    return Member.objects.aggregate(total=Sum("loans__fines__cents"))


def annotate_and_order():
    return list(Author.objects.annotate(n=Count("books")).order_by("-n"))


def order_by_relation():
    return list(Copy.objects.order_by("book__title"))


def subquery():
    first = Copy.objects.filter(book=OuterRef("pk")).order_by("id").values("shelf")[:1]
    return list(Book.objects.annotate(shelf=Subquery(first)))


def exists_subquery():
    return list(Copy.objects.filter(Exists(Loan.objects.filter(copy=OuterRef("pk")))))


def union_of_two():
    return list(Author.objects.values_list("name").union(Subject.objects.values_list("name")))


def create_row():
    return Subject.objects.create(name="Knots")


def build_and_save():
    subject = Subject(name="Tides")
    subject.save()


def change_and_save():
    loan = Loan.objects.get(pk=1)
    loan.returned = date(2026, 1, 1)
    loan.save(update_fields=["returned"])


def update_in_bulk():
    Loan.objects.filter(returned=None).update(returned=date(2026, 1, 1))


def update_through_relation():
    Fine.objects.filter(loan__copy__book__title="Book 2").update(cents=F("cents") + 10)


def update_or_create():
    for name in ("Sailing", "Anchors"):
        Subject.objects.update_or_create(name=name, defaults={"broader": None})


def get_or_create():
    for name in ("Slocum", "Moitessier"):
        Author.objects.get_or_create(name=name)


def bulk_create():
    Copy.objects.bulk_create([Copy(book_id=1), Copy(book_id=2)])


def bulk_update():
    copies = list(Copy.objects.all())
    for copy in copies:
        copy.shelf = "B2"
    Copy.objects.bulk_update(copies, ["shelf"])


def delete_leaf():
    Fine.objects.get(pk=1).delete()


def delete_with_cascade():
    Member.objects.get(pk=1).delete()


def delete_query_set():
    Loan.objects.filter(returned=None).delete()


def many_to_many_add():
    book = Book.objects.get(pk=1)
    book.authors.add(Author.objects.get(pk=1))


def many_to_many_set_and_clear():
    author = Author.objects.get(pk=1)
    author.books.set([])


def create_through_related_manager():
    member = Member.objects.get(pk=1)
    member.loans.create(copy_id=1)


def related_manager_of_through_model():
    member = Member.objects.get(pk=1)
    return member.favourites.count()


def custom_query_set():
    return list(Book.objects.borrowed())


def property_that_queries():
    return Book.objects.get(pk=1).subject_name


def method_of_model():
    return Book.objects.get(pk=3).free_copies()


def inherited_table_read():
    return Audiobook.objects.get().minutes


def inherited_table_write():
    Audiobook.objects.create(title="Sea shanties", minutes=50)


def raw_query():
    sql = "SELECT a.* FROM library_author a JOIN library_book_authors b ON b.author_id = a.id"
    return list(Author.objects.raw(sql))


def cursor_with_constant():
    with connection.cursor() as cursor:
        cursor.execute(OPEN_LOANS)
        return cursor.fetchall()


def cursor_with_table_of_model():
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Subject._meta.db_table} SET name = upper(name)")


def shortcut():
    return get_object_or_404(Member, city="Bonn")


def form_saves():
    class CopyForm(ModelForm):
        class Meta:
            model = Copy
            fields = ["book", "shelf"]

    form = CopyForm({"book": 1, "shelf": "C3"})
    if form.is_valid():
        form.save()


def form_factory():
    form = modelform_factory(Subject, fields=["name"])({"name": "Ropes"})
    form.is_valid()
    form.save()


def pages():
    return list(Paginator(Book.objects.order_by("pk"), 2).page(1))


def template_walks():
    return render_to_string("loan.txt", {"loan": Loan.objects.get(pk=1)})


def in_a_transaction():
    with transaction.atomic():
        Fine.objects.all().delete()
        Loan.objects.update(returned=date(2026, 2, 2))


def _members_of(city):
    return Member.objects.filter(city=city)  # lazily: read lending_member


def query_set_from_helper():
    return [member.user.username for member in _members_of("Bonn")]


def _settle(loan):
    loan.fines.all().delete()


def argument_is_an_instance():
    for loan in Loan.objects.all():
        _settle(loan)


def refresh():
    author = Author.objects.get(pk=1)
    author.refresh_from_db()


def in_bulk_and_iterator():
    books = Book.objects.in_bulk([1, 2])
    return len(books) + len(list(Copy.objects.iterator()))


def truth_of_a_query_set():
    return bool(Subject.objects.filter(broader__name="Sports"))


def model_by_name():
    model = apps.get_model("lending", "Fine")
    return model.objects.count()


def default_reverse_name():
    member = Member.objects.get(pk=1)
    return member.favourite_set.exists()


def reverse_that_may_be_missing():
    user = User.objects.get(username="eve")
    return hasattr(user, "member")


def deferred_field():
    book = Book.objects.only("title").first()
    return book.year


def dates_and_distinct():
    return list(Loan.objects.dates("returned", "year")) + list(Member.objects.distinct().values("city"))


def conditional_filter(city="Bonn"):
    members = Member.objects.all()
    if city:
        members = members.filter(city=city)
    return members.count()


def self_reference():
    subject = Subject.objects.get(name="Sailing")
    return subject.broader.narrower.count()


def key_of_key_is_no_join():
    return list(Copy.objects.filter(book__pk=1))


def aggregate_with_filter():
    return Author.objects.aggregate(n=Count("books", filter=Q(books__year__gt=1990)))


def expression_over_relation():
    return list(Copy.objects.annotate(name=F("book__title")))


def delete_through_relation():
    Member.objects.get(pk=1).loans.all().delete()


def remove_many_to_many():
    book = Book.objects.first()
    book.authors.remove(Author.objects.first())


def set_foreign_key():
    book = Book.objects.get(pk=1)
    book.subject = Subject.objects.get(name="Sports")
    book.save()


def none_touches_nothing_but_the_second():
    return list(Author.objects.none()) + list(Subject.objects.all())


def lambda_and_sorted():
    return sorted(Copy.objects.all(), key=lambda copy: copy.book.title)


def nested_function():
    def titles(books):
        return [book.title for book in books]

    return titles(Book.objects.filter(year=2000))


def dispatch_over_models():
    return [model.objects.count() for model in (Author, Copy)]


def conditional_expression():
    loan = Loan.objects.first()
    return loan.copy.shelf if loan else None


def explicit_lock():
    with transaction.atomic():
        return list(Loan.objects.select_for_update().filter(pk=1))


def raw_delete_with_parameters():
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM lending_favourite WHERE member_id = %s", [(1,), (2,)])


class CopyList(ListView):
    model = Copy
    template_name = "empty.html"

    def get_queryset(self):
        return super().get_queryset().filter(book__year__gte=1999)


def class_based_list():
    view = CopyList()
    view.setup(RequestFactory().get("/"))
    return list(view.get_queryset())


class LoanDetail(DetailView):
    queryset = Loan.objects.select_related("member")

    def shown(self):
        return self.get_object().member.city


def class_based_detail():
    view = LoanDetail()
    view.setup(RequestFactory().get("/"), pk=1)
    return view.shown()


class Shelving(UpdateView):
    model = Copy
    fields = ["shelf"]
    success_url = "/"


def class_based_update():
    return Shelving.as_view()(RequestFactory().post("/", {"shelf": "D4"}), pk=1).status_code


class ForgetFine(DeleteView):
    model = Fine
    success_url = "/"


def class_based_delete():
    return ForgetFine.as_view()(RequestFactory().post("/"), pk=1).status_code


class Desk:
    """A service object, as many code bases have one."""

    def __init__(self, member):
        self.member = member

    @property
    def open_loans(self):
        return self.member.loans.filter(returned=None)

    def take_back(self):
        return self.open_loans.update(returned=date(2026, 3, 3))


def service_object():
    return Desk(Member.objects.get(pk=1)).take_back()


def generator():
    def shelves():
        for copy in Copy.objects.all():
            yield copy.shelf

    return set(shelves())


def truth_of_a_query():
    if Book.objects.filter(year=1900):
        return "old"
    return "new" if not Author.objects.filter(name="Nobody") else "known"


def one_or_none():
    return Subject.objects.filter(name="Sailing") or None


def form_of_a_row():
    book = Book.objects.get(pk=1)
    return modelform_factory(Book, fields=["title", "authors"])(instance=book).initial


class _Listing:
    def rows(self):
        return list(self.get_queryset())


class _Authors(_Listing, ListView):
    model = Author


def shared_by_views():
    return _Authors().rows()


def set_by_a_middleware():
    request = RequestFactory().get("/")
    _remember(request)
    return request.borrower.loans.count()


def _remember(request):
    request.borrower = Member.objects.get(pk=1)
