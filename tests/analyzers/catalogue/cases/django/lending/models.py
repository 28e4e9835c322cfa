from django.conf import settings
from django.db import models


class Member(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    city = models.CharField(max_length=40, default="Bonn")
    favourites = models.ManyToManyField("library.Book", blank=True, through="lending.Favourite")


class Favourite(models.Model):
    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    book = models.ForeignKey("library.Book", on_delete=models.CASCADE)
    stars = models.IntegerField(default=3)


class Loan(models.Model):
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="loans")
    copy = models.ForeignKey("library.Copy", on_delete=models.PROTECT, related_name="loans")
    returned = models.DateField(null=True)

    class Meta:
        db_table = "loans"


class Fine(models.Model):
    loan = models.ForeignKey(Loan, on_delete=models.CASCADE, related_name="fines")
    cents = models.IntegerField()
