"""Kill -9 of every part of the reference, again and again, under devices that check all they were ever told."""
