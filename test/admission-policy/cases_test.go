package admissionpolicy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// testCase is a file of pods/.
type testCase struct {
	name string
	// Why is what the case is about, in a sentence.
	Why string `json:"why"`
	// Policy is what the admission policy does of it: "injected" or "untouched".
	Policy string `json:"policy"`
	// Inject is what `plumbline inject` and the webhook do of the same Pod: "injected", "unchanged" or "refused". Where they inject and the policy
	// does not, docs/admission-policy.md says so.
	Inject string `json:"inject"`
	// Namespace are the labels of the Pod's namespace.
	Namespace map[string]string `json:"namespace"`
	Pod       *corev1.Pod       `json:"pod"`
	// sent is the Pod as admission sees it: with the API server's defaults, in a namespace of its own.
	sent *corev1.Pod
}

func readCases(t *testing.T) []*testCase {
	t.Helper()
	files, err := filepath.Glob("pods/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no Pods in pods/: %v", err)
	}
	cases := make([]*testCase, 0, len(files))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		one := &testCase{name: strings.TrimSuffix(filepath.Base(file), ".json")}
		if err := yaml.UnmarshalStrict(text, one); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if one.Why == "" || one.Pod == nil || (one.Policy != "injected" && one.Policy != "untouched") {
			t.Fatalf("%s: why, pod, and what the policy does of it", file)
		}
		one.Pod.Namespace = one.name
		if one.sent, err = defaulted(one.Pod); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		cases = append(cases, one)
	}
	return cases
}

func (c *testCase) namespace() *corev1.Namespace {
	labels := map[string]string{corev1.LabelMetadataName: c.name}
	for name, value := range c.Namespace {
		labels[name] = value
	}
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.name, Labels: labels}}
}
