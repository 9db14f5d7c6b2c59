package admissionpolicy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// How many Pods are made up for each file of values. The same ones each time.
const oddPods = 300

// What annotations may say, rightly or wrongly. The first of a list is taken often.
var said = map[string][]string{
	"contract":       {"billing-openapi", "a.b-c/v2.yaml", "a/.x", "a/..", "a/...", "a/x.", "A", "", "a/b/c", "a//b", "-a", "a.-b", "a/-"},
	"api":            {"billing", "B_1.x-", "true", "_a", "", "a b", "ä"},
	"port":           {"http", "8080", "web", "3000", "0", "080", "65535", "65536", "99999", "a--b", "-a", "a-", "1-1", "1234", "abcdefghijklmnop", ""},
	"enforce":        {"both", "none", "request", "response", "", "Both"},
	"owner":          {"payments", "@team/pay #1", "Ж", "٣", "-x", "a$b", "a\"b", "a\\b", "a\nb", "", "a'b"},
	"log":            {"off", "stdout", "stderr", ""},
	"image":          {"r.example.com/p:1", "p", "r:5000/p", "r:5000/p:t@sha256:0123456789abcdef0123456789abcdef", "p:", "p@sha256:xyz", "a b", ""},
	"cpu-request":    {"100m", "0.05", "1", "0", "0.0001", "1.", "1e1", "999999999999", "1234567890123", "0m", "1M"},
	"cpu-limit":      {"200m", "50m", "49m", "0.05", "2", "0.0499", ""},
	"memory-request": {"128Mi", "1Mi", "1048576", "1048575", "0.5Gi", "1G", "128", "1Ti", "1E", "1M"},
	"memory-limit":   {"256Mi", "160Mi", "159Mi", "167772160", "167772159", "200M", "1Gi", "256mi"},
	"injected":       {"{}"},
	"conract":        {"x"},
}

var keys = []string{"contract", "api", "port", "enforce", "owner", "log", "image", "cpu-request", "cpu-limit", "memory-request", "memory-limit", "injected", "conract"}

// maker makes up Pods.
type maker struct{ *rand.Rand }

func (m maker) oneIn(n int) bool { return m.IntN(n) == 0 }

func pick[T any](m maker, from []T) T {
	if m.oneIn(2) {
		return from[0]
	}
	return from[m.IntN(len(from))]
}

func (m maker) pod(i int) *corev1.Pod {
	name := fmt.Sprintf("odd-%d", i)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: name, Labels: map[string]string{"plumbline.dev/inject": "enabled"}}}
	pod.SetGroupVersionKind(podKind)
	if m.oneIn(3) {
		pod.Labels["pod-template-hash"] = "abc"
		controller := true
		pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Name: pick(m, []string{"billing-abc", "abc", "-abc", "b-abcd"}), UID: "1",
			Kind: pick(m, []string{"ReplicaSet", "StatefulSet"}), Controller: &controller}}
	}
	pod.Annotations = map[string]string{"plumbline.dev/contract": "billing-openapi"}
	for _, key := range keys {
		if m.oneIn(20) {
			pod.Annotations["plumbline.dev/"+key] = pick(m, said[key])
		}
	}
	if m.oneIn(6) {
		delete(pod.Annotations, "plumbline.dev/contract")
	}
	if m.oneIn(15) {
		pod.Annotations = map[string]string{"plumbline.dev/config": pick(m, []string{"ours", "a.b", "A", "a_b", ""})}
	}
	if m.oneIn(10) {
		pod.Annotations["cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"] = pick(m, []string{"tmp", "", "plumbline-state,tmp", " plumbline-state", ","})
	}
	for i := range 1 + m.IntN(2) {
		pod.Spec.Containers = append(pod.Spec.Containers, m.container(pick(m, []string{"app", "istio-proxy", "linkerd-proxy", "beside", "plumbline-x"}), i))
	}
	for i := range m.IntN(2) {
		pod.Spec.InitContainers = append(pod.Spec.InitContainers, m.container("init", i))
	}
	if m.oneIn(4) {
		seconds := int64(m.IntN(40))
		pod.Spec.TerminationGracePeriodSeconds = &seconds
	}
	if m.oneIn(3) {
		pod.Spec.Volumes = []corev1.Volume{{Name: pick(m, []string{"tmp", "plumbline", "plumbline-config"})}}
	}
	return pod
}

func (m maker) container(name string, i int) corev1.Container {
	if i > 0 {
		name = fmt.Sprintf("%s-%d", name, i)
	}
	one := corev1.Container{Name: name, Image: "example.com/app:1"}
	for range (m.IntN(5) + 2) / 3 {
		one.Ports = append(one.Ports, corev1.ContainerPort{
			Name:          pick(m, []string{"", "http", "http", "web", "http-app", "http-app2", "plumbline", "plumbline-http", "grpc", "grpc-web", "grpc-weby", "tcp-x", "a-long-name-x-y", "long-name-1-web"}),
			ContainerPort: pick(m, []int32{8080, 3000, 7080, 7091, 7090, 7180, 7191, 9000}),
			Protocol:      pick(m, []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolTCP, corev1.ProtocolTCP, corev1.ProtocolUDP}),
		})
	}
	one.ReadinessProbe, one.LivenessProbe = m.probe(), m.probe()
	if m.oneIn(5) {
		one.Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: m.target()}}}
	}
	return one
}

func (m maker) target() intstr.IntOrString {
	return pick(m, []intstr.IntOrString{intstr.FromString("http"), intstr.FromInt32(8080), intstr.FromString("web"), intstr.FromString("http-app"), intstr.FromInt32(7091), intstr.FromInt32(7190)})
}

func (m maker) probe() *corev1.Probe {
	switch m.IntN(12) {
	case 0:
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: m.target()}}}
	case 1:
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{GRPC: &corev1.GRPCAction{Port: pick(m, []int32{9000, 7080, 8080})}}}
	case 2, 3:
		scheme := pick(m, []corev1.URIScheme{corev1.URISchemeHTTP, corev1.URISchemeHTTP, corev1.URISchemeHTTPS})
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: m.target(), Scheme: scheme}}}
	default:
		return nil
	}
}

// Pods that nobody would write, valid or not: what src/inject would inject is injected alike, what it refuses is left alone.
func TestOddPods(t *testing.T) {
	cases := readCases(t)
	for _, set := range readRendered(t) {
		m := maker{rand.New(rand.NewPCG(7, 13))}
		var pods []*corev1.Pod
		namespaces := append(strict(set), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: known(cases).Namespace}})
		for i := range oddPods {
			pod, err := defaulted(m.pod(i))
			if err != nil {
				t.Fatal(err)
			}
			pods = append(pods, pod)
			namespaces = append(namespaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: pod.Namespace}})
		}
		answers := askInject(t, set.settings, pods)
		plugin := start(t, known(cases), namespaces...)
		var injected, untouched int
		for i, pod := range pods {
			admitted, changed, err := plugin.admit(pod)
			switch {
			case err != nil:
				hold(t, false, "%s, %s: %v\n%s", set.name, pod.Name, err, pretty(pod))
			case answers[i].Kind == "injected":
				injected++
				full, err := defaulted(answers[i].Pod)
				if err != nil {
					t.Fatal(err)
				}
				differs := difference(full, admitted)
				hold(t, differs == "", "%s, %s: not what plumbline inject makes of it:\n%s\n%s", set.name, pod.Name, differs, pretty(pod))
			default:
				untouched++
				hold(t, !changed, "%s, %s: injected, and to plumbline inject it is %s: %s\n%s", set.name, pod.Name, answers[i].Kind, answers[i].Reason, pretty(pod))
			}
		}
		hold(t, injected > oddPods/20 && untouched > oddPods/20, "%s: %d injected, %d untouched: one-sided", set.name, injected, untouched)
		fmt.Printf("odd pods, values %s: %d injected, %d untouched\n", set.name, injected, untouched)
	}
}

func pretty(pod *corev1.Pod) string {
	text, err := json.MarshalIndent(plain(pod), "", " ")
	if err != nil {
		panic(err)
	}
	return string(text)
}
