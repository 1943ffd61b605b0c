package terminal

// Width is how many cells a text takes.
func Width(s string) int { return width(s) }
