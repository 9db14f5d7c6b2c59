package admissionpolicy

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// answer is what src/inject says of one Pod: the code behind `plumbline inject` and the webhook.
type answer struct {
	// Kind is "injected", "unchanged" or "refused".
	Kind   string      `json:"kind"`
	Reason string      `json:"reason"`
	Pod    *corev1.Pod `json:"pod"`
	// Uninjected is the Pod without what its annotation says was injected.
	Uninjected *corev1.Pod `json:"uninjected"`
}

// askInject runs inject-pods.ts once for all Pods.
func askInject(t *testing.T, settings string, pods []*corev1.Pod) []answer {
	t.Helper()
	node := os.Getenv("PLUMBLINE_NODE")
	if node == "" {
		node = "../../node_modules/.bin/node"
	}
	question, err := json.Marshal(map[string]any{"settings": settings, "pods": pods})
	if err != nil {
		t.Fatal(err)
	}
	program := exec.Command(node, "inject-pods.ts")
	program.Stdin, program.Stderr = bytes.NewReader(question), os.Stderr
	text, err := program.Output()
	if err != nil {
		t.Fatalf("inject-pods.ts: %v", err)
	}
	var answers []answer
	if err := json.Unmarshal(text, &answers); err != nil {
		t.Fatalf("inject-pods.ts: %v", err)
	}
	if len(answers) != len(pods) {
		t.Fatalf("inject-pods.ts: %d answers for %d Pods", len(answers), len(pods))
	}
	return answers
}
