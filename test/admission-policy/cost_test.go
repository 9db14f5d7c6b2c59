package admissionpolicy

import (
	"context"
	"fmt"
	"testing"

	"k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// meter tells what expressions cost.
type meter struct {
	compiler   *plugincel.CompositedCompiler
	conditions map[string]plugincel.MutatingEvaluator
	mutation   plugincel.MutatingEvaluator
}

func newMeter(t *testing.T, policy *v1.MutatingAdmissionPolicy) meter {
	t.Helper()
	compiler, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	if err != nil {
		t.Fatal(err)
	}
	made := meter{compiler, map[string]plugincel.MutatingEvaluator{}, nil}
	for _, one := range expressionsOf(policy) {
		switch {
		case one.variable != "":
			compiler.CompileAndStoreVariable(one.accessor.(plugincel.NamedExpressionAccessor), one.options, environment.StoredExpressions)
		case one.options.HasPatchTypes:
			made.mutation = compiler.CompileMutatingEvaluator(one.accessor, one.options, environment.StoredExpressions)
		default:
			made.conditions[one.place] = compiler.CompileMutatingEvaluator(one.accessor, one.options, environment.StoredExpressions)
		}
	}
	return made
}

// cost of one expression for a Pod, with all variables that it asks for. The API server gives each expression and each variable celconfig.PerCallLimit
// of its own; their sum within it is the stricter measure.
func (m meter) cost(t *testing.T, evaluator plugincel.MutatingEvaluator, pod *corev1.Pod) int64 {
	t.Helper()
	request, _, err := attributes(pod)
	if err != nil {
		t.Fatal(err)
	}
	versioned, err := admission.NewVersionedAttributes(request, podKind, objects)
	if err != nil {
		t.Fatal(err)
	}
	asked := plugincel.CreateAdmissionRequest(request, metav1.GroupVersionResource(podResource), metav1.GroupVersionKind(podKind))
	result, left, err := evaluator.ForInput(m.compiler.CreateContext(context.Background()), versioned, asked, plugincel.OptionalVariableBindings{}, nil,
		celconfig.RuntimeCELCostBudget)
	if err == nil && result.Error != nil {
		err = result.Error
	}
	if err != nil {
		t.Fatal(err)
	}
	return celconfig.RuntimeCELCostBudget - left
}

// crowded is a Pod as large as anybody would make one.
func crowded(pod *corev1.Pod, containers, ports int) *corev1.Pod {
	large := pod.DeepCopy()
	for i := range containers {
		one := corev1.Container{Name: fmt.Sprintf("beside-%d", i), Image: "example.com/beside:1"}
		for port := range ports {
			one.Ports = append(one.Ports, corev1.ContainerPort{ContainerPort: int32(20000 + i*ports + port), Protocol: corev1.ProtocolTCP})
		}
		large.Spec.Containers = append(large.Spec.Containers, one)
		large.Spec.InitContainers = append(large.Spec.InitContainers, corev1.Container{Name: fmt.Sprintf("before-%d", i), Image: "example.com/before:1"})
		large.Spec.Volumes = append(large.Spec.Volumes, corev1.Volume{Name: fmt.Sprintf("volume-%d", i)})
	}
	return large
}

func TestCostIsWithinTheLimit(t *testing.T) {
	cases := readCases(t)
	for _, set := range readRendered(t) {
		meter := newMeter(t, set.policy)
		var most, conditions int64
		for _, one := range cases {
			for _, pod := range []*corev1.Pod{one.sent, crowded(one.sent, 50, 20)} {
				var sum int64
				for place, condition := range meter.conditions {
					cost := meter.cost(t, condition, pod)
					hold(t, cost <= celconfig.PerCallLimit, "%s, %s: %s costs %d", set.name, one.name, place, cost)
					sum += cost
				}
				conditions = max(conditions, sum)
				if one.Policy == "injected" { // no other gets so far
					most = max(most, meter.cost(t, meter.mutation, pod))
				}
			}
		}
		hold(t, conditions <= celconfig.RuntimeCELCostBudgetMatchConditions, "%s: %d for the conditions of a Pod", set.name, conditions)
		hold(t, most <= celconfig.PerCallLimit, "%s: %d for the mutation", set.name, most)
		fmt.Printf("cost, values %s, Pods of up to 100 containers and 1,000 ports: mutation with all variables at most %d, of %d that one expression may take; conditions %d, of %d\n",
			set.name, most, celconfig.PerCallLimit, conditions, celconfig.RuntimeCELCostBudgetMatchConditions)
	}
}
