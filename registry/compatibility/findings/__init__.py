"""What each change was proven to do: located, worded, with the smallest document that shows it."""
