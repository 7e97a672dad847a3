"""``emp calibrate``: fits what turns a judge's scores into values in [0, 1]."""
