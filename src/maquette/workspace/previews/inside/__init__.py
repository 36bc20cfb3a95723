"""What runs in the box: nothing of the base imports it. What it reads was made to harm it, as far as it knows."""
