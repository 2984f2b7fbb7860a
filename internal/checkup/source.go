package checkup

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
)

// The probes of a source.
const (
	probeRead       = "read"
	probeDuplicates = "duplicates"
	probeAge        = "age"
)

// oldSource is when a file that nothing has written deserves a look: people come and go more often.
const oldSource = 14 * 24 * time.Hour

// identifying are attributes that should be one person's alone.
var identifying = []string{"userPrincipalName", "mail", "employeeId"}

func (p *patient) source(ctx context.Context, definition job.Source) {
	opened, err := p.engine.OpenSource(definition)
	census := census{met: map[string]map[string]int{}}
	if err == nil {
		_, err = opened.Changes(ctx, "", census.take)
	}
	switch {
	case err != nil:
		p.tell(probeRead, fail, err.Error(), "Correct the source: nothing of one that cannot be read whole is used, and no cycle runs.")
		p.skip(probeRead+" failed", probeDuplicates)
	case census.users == 0:
		p.tell(probeRead, warn, census.String(), "Check that this is the right source: a job on it would take access away from everybody.")
		p.skip("there are no users", probeDuplicates)
	default:
		p.tell(probeRead, pass, census.String(), "")
		p.duplicates(census)
	}
	p.age(ctx, definition)
}

// census counts what a source delivers.
type census struct {
	users, groups, removed int
	// met counts users by identifying attribute and value, in lower case.
	met map[string]map[string]int
}

func (c *census) take(changes []source.Change) error {
	for _, change := range changes {
		object := change.Object
		switch {
		case object.Removed != directory.Present:
			c.removed++
			continue
		case object.Type == directory.Group:
			c.groups++
			continue
		}
		c.users++
		for _, name := range identifying {
			value, ok := object.Attributes[name].Text()
			if !ok || value == "" {
				continue
			}
			if c.met[name] == nil {
				c.met[name] = map[string]int{}
			}
			c.met[name][strings.ToLower(value)]++
		}
	}
	return nil
}

func (c *census) String() string {
	text := fmt.Sprintf("users: %d, groups: %d", c.users, c.groups)
	if c.removed > 0 {
		text += fmt.Sprintf(", deleted: %d", c.removed)
	}
	return text
}

// duplicates tells how many values several people share, and never whose.
func (p *patient) duplicates(c census) {
	var shared []string
	for _, name := range identifying {
		count := 0
		for _, people := range c.met[name] {
			if people > 1 {
				count++
			}
		}
		if count > 0 {
			shared = append(shared, fmt.Sprintf("%s: %d values", name, count))
		}
	}
	if len(shared) > 0 {
		p.tell(probeDuplicates, warn, "several people have the same value of "+strings.Join(shared, ", "),
			"Correct the source if one of these is matched by: two people cannot have one account, and both fail.")
		return
	}
	p.tell(probeDuplicates, pass, "no two people share "+strings.Join(identifying, ", "), "")
}

// age tells when the source changed and was last read by the engine.
func (p *patient) age(ctx context.Context, definition job.Source) {
	var said []string
	outcome, advice := pass, ""
	if definition.File != nil {
		if info, err := os.Stat(definition.File.Path); err == nil {
			age := p.engine.Now().Sub(info.ModTime())
			said = append(said, "the file was written "+ago(age))
			if age > oldSource {
				outcome, advice = warn, "Check that whatever exports the file still runs: people who left since keep their access."
			}
		}
	}
	state, err := p.engine.Store.CopyState(ctx, definition.CopyID())
	switch {
	case err != nil:
		p.tell(probeAge, fail, err.Error(), "Look at the checks of the store.")
		return
	case state.ReadAt.IsZero():
		said = append(said, "the engine has not read it yet")
	default:
		said = append(said, "the engine read it last "+ago(p.engine.Now().Sub(state.ReadAt)))
	}
	p.tell(probeAge, outcome, strings.Join(slices.Clip(said), "; "), advice)
}

// ago is a length of time as people say it.
func ago(age time.Duration) string {
	switch {
	case age < 2*time.Minute:
		return "just now"
	case age < 2*time.Hour:
		return fmt.Sprintf("%d minutes ago", int(age.Minutes()))
	case age < 48*time.Hour:
		return fmt.Sprintf("%d hours ago", int(age.Hours()))
	default:
		return fmt.Sprintf("%d days ago", int(age.Hours()/24))
	}
}
