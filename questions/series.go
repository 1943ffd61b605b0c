package questions

// A Series is the rule that a chat's dates follow, such as "third Tuesday 20:00 Europe/London".
type Series struct{}
