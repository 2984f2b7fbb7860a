package file_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source/file"
)

func itoa(n int) string { return strconv.Itoa(n) }

// town writes a file of so many people in the format of its name: fourteen properties each, every one in
// three of a hundred groups, and one group of everybody. It returns the path and the size in bytes.
func town(tb testing.TB, name string, people int) (string, int64) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	out, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	buffered := bufio.NewWriter(out)
	if filepath.Ext(name) == ".csv" {
		townCSV(buffered, people)
	} else {
		townJSON(buffered, people)
	}
	if err := buffered.Flush(); err != nil {
		tb.Fatal(err)
	}
	info, err := out.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	if err := out.Close(); err != nil {
		tb.Fatal(err)
	}
	return path, info.Size()
}

func id(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func townJSON(out *bufio.Writer, people int) {
	_, _ = out.WriteString("{\"users\":[\n")
	for i := range people {
		if i > 0 {
			_, _ = out.WriteString(",\n")
		}
		_, _ = fmt.Fprintf(out, `  {"id":"%s","userPrincipalName":"person%d@example.org","displayName":"Person Number %d","givenName":"Person",`+
			`"surname":"Number %d","mail":"person%d@example.org","department":"Department %d","jobTitle":"Clerk","officeLocation":"Building %d",`+
			`"employeeId":"%06d","accountEnabled":%t,"deletedDateTime":null,"manager":"%s","businessPhones":["+1 555 %07d"]}`,
			id(i), i, i, i, i, i%40, i%7, i, i%50 != 0, id(i/10), i)
	}
	_, _ = out.WriteString("\n],\"groups\":[\n")
	for g := range 101 {
		if g > 0 {
			_, _ = out.WriteString(",\n")
		}
		_, _ = fmt.Fprintf(out, `  {"id":"group-%d","displayName":"Group %d","securityEnabled":true,"members":[`, g, g)
		first := true
		for i := range people {
			if g < 100 && i%100 != g && i*7%100 != g && i*13%100 != g {
				continue
			}
			if !first {
				_ = out.WriteByte(',')
			}
			first = false
			_, _ = fmt.Fprintf(out, "%q", id(i))
		}
		_, _ = out.WriteString("]}")
	}
	_, _ = out.WriteString("\n]}\n")
}

func townCSV(out *bufio.Writer, people int) {
	_, _ = out.WriteString("id,userPrincipalName,displayName,givenName,surname,mail,department,jobTitle,officeLocation,employeeId,accountEnabled,deletedDateTime,manager,groups\n")
	for i := range people {
		_, _ = fmt.Fprintf(out, "%s,person%d@example.org,Person Number %d,Person,Number %d,person%d@example.org,Department %d,Clerk,Building %d,%06d,%t,,%s,Group %d;Group %d;Group %d;Everybody\n",
			id(i), i, i, i, i, i%40, i%7, i, i%50 != 0, id(i/10), i%100, i*7%100, i*13%100)
	}
}

// TestMemoryStaysBounded reads 100,000 people and looks at the live heap between pages. What may stay is the
// ids seen (about 12 MB) and, for CSV, the memberships (about 7 MB); JSON delivers a group of everybody at
// once (about 6 MB while its list grows). The bound leaves room for half as much again, but not for the rows.
func TestMemoryStaysBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("generates files of some 40 MB")
	}
	// Not parallel: the heap belongs to the whole process.
	const people, most = 100_000, 30 << 20
	for _, name := range []string{"people.json", "people.csv"} {
		t.Run(name, func(t *testing.T) {
			path, size := town(t, name, people)
			before := liveHeap()
			var peak uint64
			users, pages := 0, 0
			_, err := file.New(file.Options{Path: path}).Changes(t.Context(), "", func(page []source.Change) error {
				users += len(page)
				if pages++; pages%10 == 0 || len(page) < source.PageSize {
					peak = max(peak, liveHeap())
				}
				return nil
			})
			if err != nil || users < people {
				t.Fatalf("read %d objects, %v", users, err)
			}
			grown := int64(peak) - int64(before)
			t.Logf("%d objects from %.1f MB: live heap grew by at most %.1f MB", users, float64(size)/(1<<20), float64(grown)/(1<<20))
			if grown > most {
				t.Errorf("the live heap grew by %d bytes, want at most %d", grown, most)
			}
		})
	}
}

func liveHeap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func BenchmarkRead100000People(b *testing.B) {
	for _, name := range []string{"people.json", "people.csv"} {
		path, size := town(b, name, 100_000)
		s := file.New(file.Options{Path: path})
		result, err := s.Changes(b.Context(), "", discard)
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range []struct {
			label string
			since source.Watermark
		}{{"changed", ""}, {"unchanged", result.Watermark}} {
			b.Run(filepath.Ext(name)[1:]+"/"+c.label, func(b *testing.B) {
				b.SetBytes(size)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.Changes(b.Context(), c.since, discard); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
