"""What must survive a crash: which turns are due, and that each is worked on by one worker at a time."""
