package admissionpolicy

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	kyaml "sigs.k8s.io/yaml"
)

// standard are the chart's own values, but for injection.kind.
const standard = "standard"

// rendered is what the chart makes of one file of values.
type rendered struct {
	name     string
	policy   *admissionv1.MutatingAdmissionPolicy
	bindings []*admissionv1.MutatingAdmissionPolicyBinding
	// settings is the text that the webhook would read, of the same values.
	settings string
}

// renderedFolder has a folder for each file of values: policy.yaml and settings.yaml, as the chart renders them. scripts/ci/admission-policy.ts gives
// the one that helm has just made; the folder beside this file holds what helm made last, and that script says when they differ.
func renderedFolder() string {
	if folder := os.Getenv("PLUMBLINE_RENDERED"); folder != "" {
		return folder
	}
	return "recorded"
}

func readRendered(t *testing.T) []rendered {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(renderedFolder(), "*", "policy.yaml"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("nothing rendered in %s: %v", renderedFolder(), err)
	}
	all := make([]rendered, 0, len(folders))
	for _, file := range folders {
		folder := filepath.Dir(file)
		one := readPolicy(t, file)
		settings, err := os.ReadFile(filepath.Join(folder, "settings.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		one.name, one.settings = filepath.Base(folder), string(settings)
		all = append(all, one)
	}
	return all
}

// readPolicy takes one policy and its bindings from a file of YAML documents, with the API server's defaults; unknown and doubled fields are errors.
func readPolicy(t *testing.T, file string) rendered {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var found rendered
	documents := yaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(text)))
	buffer := make([]byte, 1<<20)
	for {
		length, err := documents.Read(buffer)
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		object := decode(t, file, buffer[:length])
		switch kind := object.(type) {
		case nil:
		case *admissionv1.MutatingAdmissionPolicy:
			if found.policy != nil {
				t.Fatalf("%s: two policies", file)
			}
			found.policy = kind
		case *admissionv1.MutatingAdmissionPolicyBinding:
			found.bindings = append(found.bindings, kind)
		default:
			t.Fatalf("%s: %T", file, object)
		}
	}
	if found.policy == nil || len(found.bindings) != 2 {
		t.Fatalf("%s: a policy and two bindings are wanted, there are %d bindings", file, len(found.bindings))
	}
	return found
}

// decode is strict; documents of the alpha and beta versions are converted as the API server does it when it stores them.
func decode(t *testing.T, file string, document []byte) runtime.Object {
	t.Helper()
	var head struct{ APIVersion, Kind string }
	if err := kyaml.Unmarshal(document, &head); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if head.Kind == "" {
		return nil // comments alone
	}
	kind := schema.FromAPIVersionAndKind(head.APIVersion, head.Kind)
	object, err := legacyscheme.Scheme.New(kind)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if err := kyaml.UnmarshalStrict(document, object); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	legacyscheme.Scheme.Default(object)
	if kind.GroupVersion() == admissionv1.SchemeGroupVersion {
		return object
	}
	stored, err := legacyscheme.Scheme.New(kind.GroupKind().WithVersion(runtime.APIVersionInternal))
	if err != nil {
		t.Fatal(err)
	}
	v1, err := legacyscheme.Scheme.New(admissionv1.SchemeGroupVersion.WithKind(kind.Kind))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(legacyscheme.Scheme.Convert(object, stored, nil), legacyscheme.Scheme.Convert(stored, v1, nil)); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v1
}
