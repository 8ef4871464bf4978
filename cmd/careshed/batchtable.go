package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"careshed/geo"
)

// batchTable is the numbers of all runs of a batch, a row each.
type batchTable struct{ study, setting, metric, value []string }

// batchTableOf reads the summaries of the runs; one that failed has the metric "failed"
// and no value.
func batchTableOf(tasks []task, failed []error) (h batchTable, err error) {
	add := func(t task, metric, value string) {
		h.study, h.setting = append(h.study, t.spec.Name), append(h.setting, t.point.String())
		h.metric, h.value = append(h.metric, metric), append(h.value, value)
	}
	for i, t := range tasks {
		if failed[i] != nil {
			add(t, "failed", "")
			continue
		}
		text, err := os.ReadFile(filepath.Join(t.dir, "summary.json"))
		if err != nil {
			return h, err
		}
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			return h, errors.Join(fmt.Errorf("%s is not whole", filepath.Join(t.dir, "summary.json")), err)
		}
		for _, m := range leaves("", v, nil) {
			add(t, m.name, m.value)
		}
	}
	return h, nil
}

func (h batchTable) csv(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write([]string{"study", "setting", "metric", "value"})
	for i := range h.study {
		c.Write([]string{h.study[i], h.setting[i], geo.Inert(h.metric[i]), h.value[i]})
	}
	c.Flush()
	return c.Error()
}

// table is the same with values that are numbers.
func (h batchTable) table() (*geo.Layer, error) {
	value := make([]float64, len(h.value))
	for i, text := range h.value {
		if text == "" {
			value[i] = math.NaN()
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		value[i] = v
	}
	return geo.NewTable(geo.About{Name: "batch"}, nil, geo.Labels(geo.Field{Name: "study"}, h.study), geo.Labels(geo.Field{Name: "setting"}, h.setting),
		geo.Labels(geo.Field{Name: "metric"}, h.metric), geo.Numbers(geo.Field{Name: "value", Missing: true}, value))
}

type leaf struct{ name, value string }

// leaves are the numbers of a summary with the paths to them. An element of a
// list is known by its name where it has one.
func leaves(path string, v any, out []leaf) []leaf {
	switch v := v.(type) {
	case float64:
		out = append(out, leaf{path, string(geo.AppendNumber(nil, v))})
	case map[string]any:
		for _, k := range sortedKeys(v) {
			out = leaves(strings.TrimPrefix(path+"."+k, "."), v[k], out)
		}
	case []any:
		for i, x := range v {
			label := fmt.Sprint(i)
			if m, ok := x.(map[string]any); ok {
				for _, key := range []string{"name", "what", "country", "assumption", "id"} {
					if s, ok := m[key].(string); ok && s != "" {
						label = s
						if by, ok := m["rank"].(string); ok && by != "" {
							label += "_by_" + by
						}
						break
					}
				}
				if min, ok := m["minutes"].(float64); ok {
					label = string(geo.AppendNumber(nil, min))
				}
			}
			out = leaves(path+"."+label, x, out)
		}
	}
	return slices.Clip(out)
}
