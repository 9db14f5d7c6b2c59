package admissionpolicy

import (
	"context"
	"fmt"
	"os"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	core "k8s.io/kubernetes/pkg/apis/core"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	security "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

var counted struct{ sets, pods, injected, untouched, assertions int }

func TestMain(m *testing.M) {
	code := m.Run()
	if counted.pods > 0 {
		fmt.Printf("admission policy: %d values × %d Pods: %d injected, %d untouched, %d assertions\n",
			counted.sets, counted.pods/counted.sets, counted.injected, counted.untouched, counted.assertions)
	}
	os.Exit(code)
}

// hold counts what it asserts.
func hold(t *testing.T, ok bool, format string, values ...any) {
	t.Helper()
	counted.assertions++
	if !ok {
		t.Errorf(format, values...)
	}
}

func same(t *testing.T, what string, wanted, got *corev1.Pod) {
	t.Helper()
	changed := difference(wanted, got)
	hold(t, changed == "", "%s:\n%s", what, changed)
}

// strict is the set with failures that show: the policy as rendered lets every Pod pass whose expressions fail, and no golden Pod may be such.
func strict(set rendered) []runtime.Object {
	policy := set.policy.DeepCopy()
	fail := admissionv1.Fail
	policy.Spec.FailurePolicy = &fail
	objects := []runtime.Object{policy}
	for _, binding := range set.bindings {
		objects = append(objects, binding)
	}
	return objects
}

// outcome is what the policy must do with a case, given what src/inject says of it. With the chart's own values the files say both; with others a Pod is
// injected where src/inject does it, but for those that the policy leaves alone by design.
func outcome(t *testing.T, set rendered, one *testCase, answer answer) string {
	t.Helper()
	if set.name == standard {
		hold(t, answer.Kind == one.Inject, "plumbline inject: wanted %s, is %s: %s", one.Inject, answer.Kind, answer.Reason)
		return one.Policy
	}
	if answer.Kind != "injected" || (one.Policy == "untouched" && one.Inject == "injected") {
		return "untouched"
	}
	return "injected"
}

// Each Pod through the API server's plugin and through src/inject: the same comes out, or nothing is touched.
func TestPods(t *testing.T) {
	cases := readCases(t)
	var namespaces []runtime.Object
	var sent []*corev1.Pod
	for _, one := range cases {
		acceptable(t, one.name, one.sent)
		namespaces, sent = append(namespaces, one.namespace()), append(sent, one.sent)
	}
	for _, set := range readRendered(t) {
		counted.sets++
		answers := askInject(t, set.settings, sent)
		plugin := start(t, known(cases), append(strict(set), namespaces...)...)
		var injected []injection
		for i, one := range cases {
			t.Run(set.name+"/"+one.name, func(t *testing.T) {
				counted.pods++
				pod, changed, err := plugin.admit(one.sent)
				if err != nil {
					t.Fatal(err)
				}
				if outcome(t, set, one, answers[i]) == "untouched" {
					counted.untouched++
					same(t, "touched", one.sent, pod)
					return
				}
				counted.injected++
				hold(t, changed, "untouched")
				injected = append(injected, injection{set.name + "/" + one.name, one.sent, pod})
				compareInjected(t, plugin, one.sent, answers[i], pod)
			})
		}
		recognised(t, set, injected)
	}
}

// known is a Pod that the policy injects whatever the values.
func known(cases []*testCase) *corev1.Pod {
	for _, one := range cases {
		if one.name == "deployment" {
			return one.sent
		}
	}
	panic("pods/deployment.json is gone")
}

// injection is what the policy made of a Pod.
type injection struct {
	name      string
	sent, pod *corev1.Pod
}

func compareInjected(t *testing.T, plugin cluster, sent *corev1.Pod, wanted answer, pod *corev1.Pod) {
	t.Helper()
	if wanted.Pod == nil {
		t.Fatalf("plumbline inject does not inject it: %s", wanted.Reason)
	}
	full, err := defaulted(wanted.Pod)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "not what plumbline inject makes of it", full, pod)
	acceptable(t, "the injected Pod", pod)
	before, after := forbidden(t, sent), forbidden(t, pod)
	hold(t, len(after) <= len(before), "restricted Pod Security: %q before, %q after", before, after)
	again, changed, err := plugin.admit(pod)
	hold(t, err == nil && !changed, "admitted again: %v %v", err, difference(pod, again))
}

// recognised asks src/inject about what the policy made: it is injected already, and taking it out gives back the Pod that was sent.
func recognised(t *testing.T, set rendered, injected []injection) {
	t.Helper()
	var pods []*corev1.Pod
	for _, one := range injected {
		pods = append(pods, one.pod)
	}
	for i, answer := range askInject(t, set.settings, pods) {
		one := injected[i]
		hold(t, answer.Kind == "unchanged", "%s: what the policy injected is %s to plumbline inject: %s", one.name, answer.Kind, answer.Reason)
		hold(t, answer.Uninjected != nil, "%s: nothing to take out", one.name)
		if answer.Uninjected != nil {
			same(t, one.name+": taken out again", one.sent, answer.Uninjected)
		}
	}
}

// acceptable is the API server's own validation of a new Pod.
func acceptable(t *testing.T, what string, pod *corev1.Pod) {
	t.Helper()
	internal := &core.Pod{}
	if err := legacyscheme.Scheme.Convert(pod, internal, nil); err != nil {
		t.Fatal(err)
	}
	if internal.Name == "" {
		internal.Name = internal.GenerateName + "x" // as the registry does it after admission
	}
	options := podutil.GetValidationOptionsFromPodSpecAndMeta(&internal.Spec, nil, &internal.ObjectMeta, nil)
	options.ResourceIsPod = true
	problems := corevalidation.ValidatePodCreate(internal, options)
	hold(t, len(problems) == 0, "%s is not valid: %v", what, problems)
}

// forbidden is what the restricted Pod Security standard of the newest version has against a Pod.
func forbidden(t *testing.T, pod *corev1.Pod) []string {
	t.Helper()
	judge, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, result := range judge.EvaluatePod(security.LevelVersion{Level: security.LevelRestricted, Version: security.LatestVersion()}, &pod.ObjectMeta, &pod.Spec) {
		if !result.Allowed {
			reasons = append(reasons, result.ForbiddenReason)
		}
	}
	return reasons
}

// An update of a Pod, or of its ephemeral containers or status, is none of the policy's business.
func TestOnlyCreationIsTouched(t *testing.T) {
	cases := readCases(t)
	pod := known(cases)
	set := readRendered(t)[0]
	plugin := start(t, pod, append(strict(set), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: pod.Namespace}})...)
	for _, subresource := range []string{"", "ephemeralcontainers", "status", "resize"} {
		request, internal, err := attributes(pod)
		if err != nil {
			t.Fatal(err)
		}
		update := admission.NewAttributesRecord(internal, internal.DeepCopy(), podKind, pod.Namespace, pod.Name, podResource, subresource,
			admission.Update, &metav1.UpdateOptions{}, false, request.GetUserInfo())
		if err := plugin.chain.Admit(context.Background(), update, objects); err != nil {
			t.Fatal(err)
		}
		updated, err := external(internal)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "touched by an update of "+subresource, pod, updated)
	}
}
