package testenv

// Server names a server of the test kit.
type Server string

// The servers.
const (
	SCIMMY     Server = "scimmy"
	BetterAuth Server = "betterauth"
	Elimity    Server = "elimity"
	Wiki       Server = "wiki"
)

// Servers are all of them.
func Servers() []Server { return []Server{SCIMMY, BetterAuth, Elimity, Wiki} }

// Peculiarity is what a server does in a way of its own. Tests ask for it and never for the server's name.
type Peculiarity string

// The peculiarities.
const (
	MailNeeded        Peculiarity = "a user needs an e-mail address, unless its name is one"
	NamesInvented     Peculiarity = "a display name and a primary address are made up where none is given"
	ElementsDecorated Peculiarity = "elements of lists are decorated, and only their values are changed"
	BlanksTrimmed     Peculiarity = "blanks around a text are dropped"
	Slow              Peculiarity = "every write takes a hundred times as long as elsewhere"
	RolesUntyped      Peculiarity = "roles have no type"
	SearchesByCase    Peculiarity = "everything but names is found with regard to case"
)

// kit is how a server is started, and what is peculiar about it, as seen on it (real-targets.md).
type kit struct {
	server        Server
	start         func(*process) error
	base          string // of a tenant, below the root
	peculiarities []Peculiarity
}

func kits() []kit {
	return []kit{
		{server: SCIMMY, start: startNode, base: "/scim/v2", peculiarities: []Peculiarity{RolesUntyped, SearchesByCase}},
		{server: BetterAuth, start: startBetterAuth, base: "/scim/v2", peculiarities: []Peculiarity{Slow, MailNeeded, NamesInvented, ElementsDecorated, BlanksTrimmed}},
		{server: Elimity, start: startElimity, base: "/v2"},
	}
}
