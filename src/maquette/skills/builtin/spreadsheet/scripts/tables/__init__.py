"""The parts of the spreadsheet script."""
