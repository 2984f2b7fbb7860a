package expression

import (
	"cmp"
	"slices"
	"strings"
)

// nearest returns at most limit candidates that differ little from name or begin with it, the most similar
// first.
func nearest(name string, candidates []string, limit int) []string {
	type ranked struct {
		name     string
		distance int
	}
	// Nobody mistypes a name of that length; comparing it would take long.
	if len(name) > longestName {
		return nil
	}
	allowed := 1 + len(name)/4
	var similar []ranked
	for _, candidate := range candidates {
		given, known := strings.ToLower(name), strings.ToLower(candidate)
		d := Distance(given, known)
		if d <= allowed || len(given) > 2 && strings.HasPrefix(known, given) {
			similar = append(similar, ranked{candidate, d})
		}
	}
	slices.SortFunc(similar, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, r := range similar[:min(limit, len(similar))] {
		names = append(names, r.name)
	}
	return names
}

// longestName is the longest name, in bytes, for which similar ones are looked for.
const longestName = 100

// Distance is the number of single-byte edits between two names (Levenshtein).
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
