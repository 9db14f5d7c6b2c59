package admissionpolicy

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

const maxShown = 12

// difference between two Pods as JSON has them, a line for each place, or nothing.
func difference(wanted, got *corev1.Pod) string {
	lines := compare("", plain(wanted), plain(got))
	if len(lines) > maxShown {
		lines = append(lines[:maxShown], fmt.Sprintf("and %d more", len(lines)-maxShown))
	}
	return strings.Join(lines, "\n")
}

func plain(pod *corev1.Pod) any {
	text, err := json.Marshal(pod)
	if err != nil {
		panic(err) // a Pod that was decoded is encodable
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		panic(err)
	}
	return value
}

type absent struct{}

func (absent) String() string { return "nothing" }

func compare(place string, wanted, got any) []string {
	if reflect.DeepEqual(wanted, got) {
		return nil
	}
	if left, ok := wanted.(map[string]any); ok {
		if right, ok := got.(map[string]any); ok {
			return compareMaps(place, left, right)
		}
	}
	if left, ok := wanted.([]any); ok {
		if right, ok := got.([]any); ok {
			return compareLists(place, left, right)
		}
	}
	return []string{fmt.Sprintf("  %s: %v is wanted, there is %v", place, wanted, got)}
}

func compareMaps(place string, wanted, got map[string]any) []string {
	keys := maps.Clone(wanted)
	maps.Copy(keys, got)
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		lines = append(lines, compare(place+"/"+key, at(wanted, key), at(got, key))...)
	}
	return lines
}

func at(value map[string]any, key string) any {
	if found, ok := value[key]; ok {
		return found
	}
	return absent{}
}

func compareLists(place string, wanted, got []any) []string {
	var lines []string
	for i := range max(len(wanted), len(got)) {
		var left, right any = absent{}, absent{}
		if i < len(wanted) {
			left = wanted[i]
		}
		if i < len(got) {
			right = got[i]
		}
		lines = append(lines, compare(fmt.Sprintf("%s/%d", place, i), left, right)...)
	}
	return lines
}
