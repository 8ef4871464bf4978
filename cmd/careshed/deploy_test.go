package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// commandsIn are the careshed commands in a file, by the arguments that follow.
func commandsIn(t *testing.T, path string) (out [][]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(path) != ".yaml" {
		for _, m := range regexp.MustCompile(`(?m)^(?:ExecStart=/usr/local/bin/|#   )?careshed ((?:worker|batch) .*)$`).FindAllStringSubmatch(string(text), -1) {
			out = append(out, strings.Fields(strings.NewReplacer(`"`, "", "$SLURM_CPUS_PER_TASK", "2").Replace(m[1])))
		}
		return out
	}
	var doc any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				list, ok := x.([]any)
				if !ok || k != "command" && k != "args" {
					walk(x)
					continue
				}
				var args []string
				for _, a := range list {
					args = append(args, a.(string))
				}
				out = append(out, args)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(doc)
	return out
}

// What deploy/ runs are commands and flags that there are.
func TestDeploy(t *testing.T) {
	files, err := filepath.Glob("../../deploy/*")
	if err != nil || len(files) < 4 {
		t.Fatalf("%v %v", files, err)
	}
	for _, path := range files {
		commands := commandsIn(t, path)
		if len(commands) == 0 {
			t.Errorf("%s runs nothing of ours", path)
		}
		for _, args := range commands {
			c, rest, err := command(nil, io.Discard, io.Discard).Find(args)
			if err == nil {
				err = c.ParseFlags(rest)
			}
			if err != nil || c.Name() != args[0] {
				t.Errorf("%s: %v: %v", path, args, err)
			}
		}
	}
	for program, args := range map[string][]string{"bash": {"-n", "../../deploy/batch.slurm"}} {
		if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", program, err, out)
		}
	}
}

// DuckDB reads what a batch writes as one table, as docs/fleet.md says.
func TestBatchIsADataSet(t *testing.T) {
	spec := griddedStudy(t)
	config := filepath.Join(filepath.Dir(spec), "../../careshed.yaml")
	dir := filepath.Join(t.TempDir(), "results")
	for range 2 { // the second time all is there
		if code, _, log := call(t, "batch", spec, "-o", dir, "--config", config, "--formats", "csv,parquet"); code != 0 {
			t.Fatal(log)
		}
	}
	if code, _, log := call(t, "batch", spec, "-o", dir, "--config", config, "--formats", "csv,parquet,geojson"); code != 0 || strings.Contains(log, "there already") {
		t.Errorf("a format more is there already: %s", log)
	}
	home := os.Getenv("CARESHED_NODE")
	if _, err := os.Stat(filepath.Join(home, "node_modules", "@duckdb", "node-api")); home == "" || err != nil {
		t.Skip("SKIPPED: no @duckdb/node-api; npm install it into a folder and name that as CARESHED_NODE")
	}
	const script = `const {DuckDBInstance} = require('@duckdb/node-api');
(async () => { const c = await (await DuckDBInstance.create()).connect(), d = process.argv[1];
const one = async q => Object.values((await (await c.run(q)).getRowObjectsJson())[0]).join(' ');
console.log(await one("SELECT count(DISTINCT setting), count(DISTINCT study), count(value) > 100 FROM '" + d + "/batch.parquet'"),
  await one("SELECT count(DISTINCT filename), count(*), sum(population) FROM read_parquet('" + d + "/*/*/places.parquet', filename = true, union_by_name = true)"),
  await one('SELECT count(DISTINCT "2sfca.limit_min"), sum("2sfca.limit_min"::INT) FROM read_parquet(\'' + d + "/*/*/places.parquet')"));
})();`
	c := exec.Command("node", "-e", script, dir)
	c.Dir = home
	out, err := c.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "12 1 true 12 48 45000 12 3120" {
		t.Errorf("%v: %s", err, out)
	}
}
