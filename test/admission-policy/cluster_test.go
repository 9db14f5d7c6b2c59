package admissionpolicy

import (
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/initializer"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/util/compatibility"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/discovery"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/openapi"
	"k8s.io/client-go/openapi/openapitest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	core "k8s.io/kubernetes/pkg/apis/core"

	// The API server's own types, defaults and conversions.
	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
)

var (
	podKind     = corev1.SchemeGroupVersion.WithKind("Pod")
	podResource = corev1.SchemeGroupVersion.WithResource("pods")
	objects     = admission.NewObjectInterfacesFromScheme(legacyscheme.Scheme)
)

// cluster is the API server's mutating admission with the one plugin that reads MutatingAdmissionPolicies: the real one, reinvocation included. What it
// would watch (policies, bindings, namespaces) is given to it; nothing listens and nothing is stored.
type cluster struct {
	chain admission.MutationInterface
}

// schemas answers for the discovery of the cluster: the fake one has no OpenAPI documents. These are those that Kubernetes publishes of this version.
type schemas struct{ discovery.DiscoveryInterface }

func (schemas) OpenAPIV3() openapi.Client { return openapitest.NewFileClient(openAPIDocuments()) }

var openAPIDocuments = sync.OnceValue(func() string {
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes").Output()
	if err != nil {
		panic(err) // the module that this very program is compiled from
	}
	return filepath.Join(strings.TrimSpace(string(folder)), "api", "openapi-spec", "v3")
})

type withSchemas struct{ *fake.Clientset }

func (c withSchemas) Discovery() discovery.DiscoveryInterface {
	return schemas{c.Clientset.Discovery()}
}

type noConfiguration struct{}

func (noConfiguration) ConfigFor(string) (io.Reader, error) { return nil, nil }

// start brings the plugin up and waits until it applies `objects` (policies, bindings, namespaces) to `known`, a Pod that they change.
func start(t *testing.T, known *corev1.Pod, objects ...runtime.Object) cluster {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	client := withSchemas{fake.NewClientset(objects...)}
	watched := informers.NewSharedInformerFactory(client, 0)
	plugins := admission.NewPlugins()
	mutating.Register(plugins)
	handler, err := plugins.NewFromPlugins([]string{mutating.PluginName}, noConfiguration{}, initializer.New(
		client,
		dynamicfake.NewSimpleDynamicClient(legacyscheme.Scheme),
		watched,
		authorizerfactory.NewAlwaysAllowAuthorizer(),
		utilfeature.DefaultFeatureGate,
		compatibility.DefaultBuildEffectiveVersion(),
		ctx.Done(),
		meta.NewDefaultRESTMapper(nil),
	), nil)
	if err != nil {
		t.Fatal(err)
	}
	watched.Start(ctx.Done())
	watched.WaitForCacheSync(ctx.Done())
	made := cluster{handler.(admission.MutationInterface)}
	// The OpenAPI documents and the compiled policy come a moment later.
	err = wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 30*time.Second, true, func(context.Context) (bool, error) {
		_, changed, err := made.admit(known)
		if err != nil && !apierrors.IsServiceUnavailable(err) {
			return false, err
		}
		return changed, nil
	})
	if err != nil {
		t.Fatalf("the policy never changed %s: %v", known.Name, err)
	}
	return made
}

// attributes is a request to create the Pod, as the controller of a ReplicaSet sends it.
func attributes(pod *corev1.Pod) (admission.Attributes, *core.Pod, error) {
	internal := &core.Pod{}
	if err := legacyscheme.Scheme.Convert(pod, internal, nil); err != nil {
		return nil, nil, err
	}
	who := &user.DefaultInfo{Name: "system:serviceaccount:kube-system:replicaset-controller"}
	return admission.NewAttributesRecord(internal, nil, podKind, pod.Namespace, pod.Name, podResource, "", admission.Create,
		&metav1.CreateOptions{}, false, who), internal, nil
}

// admit is the Pod as the API server would store it, and whether that differs from what was sent.
func (c cluster) admit(pod *corev1.Pod) (*corev1.Pod, bool, error) {
	request, internal, err := attributes(pod)
	if err != nil {
		return nil, false, err
	}
	if err := c.chain.Admit(context.Background(), request, objects); err != nil {
		return nil, false, err
	}
	admitted, err := external(internal)
	if err != nil {
		return nil, false, err
	}
	return admitted, difference(pod, admitted) != "", nil
}

// external is the Pod as a client gets it: v1, with its kind.
func external(internal *core.Pod) (*corev1.Pod, error) {
	pod := &corev1.Pod{}
	if err := legacyscheme.Scheme.Convert(internal, pod, nil); err != nil {
		return nil, err
	}
	pod.SetGroupVersionKind(podKind)
	return pod, nil
}

// defaulted is what the API server makes of a Pod before any admission sees it.
func defaulted(pod *corev1.Pod) (*corev1.Pod, error) {
	full := pod.DeepCopy()
	legacyscheme.Scheme.Default(full)
	internal := &core.Pod{}
	if err := legacyscheme.Scheme.Convert(full, internal, nil); err != nil {
		return nil, err
	}
	return external(internal)
}
