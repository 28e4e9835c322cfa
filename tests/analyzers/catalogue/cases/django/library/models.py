from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=80)


class Subject(models.Model):
    name = models.CharField(max_length=40)
    broader = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="narrower")

    class Meta:
        db_table = "thesaurus"


class BookQuerySet(models.QuerySet):
    def borrowed(self):
        return self.filter(copies__loans__returned=None).distinct()


class Book(models.Model):
    title = models.CharField(max_length=120)
    year = models.IntegerField(default=2000)
    authors = models.ManyToManyField(Author, related_name="books")
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="books")

    objects = BookQuerySet.as_manager()

    @property
    def subject_name(self):
        return self.subject.name

    def free_copies(self):
        return [copy for copy in self.copies.all() if not copy.loans.filter(returned=None).exists()]


class Copy(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="copies")
    shelf = models.CharField(max_length=10, default="A1")


class Audiobook(Book):
    minutes = models.IntegerField(default=0)
