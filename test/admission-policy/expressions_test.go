package admissionpolicy

import (
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/util/version"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/common"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/mutation"
	celopenapi "k8s.io/apiserver/pkg/cel/openapi"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"

	"github.com/google/cel-go/cel"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	internal "k8s.io/kubernetes/pkg/apis/admissionregistration"
	"k8s.io/kubernetes/pkg/apis/admissionregistration/validation"
)

// The versions of Kubernetes whose CEL must know all that the expressions use: one before 1.32, where v1alpha1 appeared, since a server takes no new
// expressions with functions that the version before it lacks; up to 1.36, where the policies are v1.
const oldestMinor, newestMinor = 31, 36

// Each expression of the policy by its place, as the plugin compiles it.
type expression struct {
	place    string
	accessor plugincel.ExpressionAccessor
	options  plugincel.OptionalVariableDeclarations
	// variable is the name under which later expressions have it.
	variable string
}

func expressionsOf(policy *admissionv1.MutatingAdmissionPolicy) []expression {
	var all []expression
	plain := plugincel.OptionalVariableDeclarations{HasAuthorizer: true}
	patching := plugincel.OptionalVariableDeclarations{HasAuthorizer: true, HasPatchTypes: true}
	for _, one := range policy.Spec.MatchConditions {
		condition := matchconditions.MatchCondition(one)
		all = append(all, expression{"matchConditions: " + one.Name, &condition, plain, ""})
	}
	for _, one := range policy.Spec.Variables {
		all = append(all, expression{"variables: " + one.Name, &validating.Variable{Name: one.Name, Expression: one.Expression}, plain, one.Name})
	}
	for _, one := range policy.Spec.Mutations {
		all = append(all, expression{"mutations", &patch.JSONPatchCondition{Expression: one.JSONPatch.Expression}, patching, ""})
	}
	return all
}

// What the API server says when the policy is created, by its own code.
func TestAPIServerTakesPolicyAndBindings(t *testing.T) {
	for _, set := range readRendered(t) {
		t.Run(set.name, func(t *testing.T) {
			stored := &internal.MutatingAdmissionPolicy{}
			if err := legacyscheme.Scheme.Convert(set.policy, stored, nil); err != nil {
				t.Fatal(err)
			}
			for _, problem := range validation.ValidateMutatingAdmissionPolicy(stored) {
				t.Error(problem)
			}
			for _, binding := range set.bindings {
				stored := &internal.MutatingAdmissionPolicyBinding{}
				if err := legacyscheme.Scheme.Convert(binding, stored, nil); err != nil {
					t.Fatal(err)
				}
				for _, problem := range validation.ValidateMutatingAdmissionPolicyBinding(stored) {
					t.Error(problem)
				}
				if binding.Spec.PolicyName != set.policy.Name {
					t.Errorf("%s binds %s", binding.Name, binding.Spec.PolicyName)
				}
			}
			if *set.policy.Spec.FailurePolicy != admissionv1.Ignore {
				t.Error("a policy that fails would keep Pods from being created")
			}
		})
	}
}

// Nothing in it is newer than the oldest version that has such policies.
func TestOlderVersionsCompileIt(t *testing.T) {
	for _, set := range readRendered(t) {
		for minor := oldestMinor; minor <= newestMinor; minor++ {
			compiler, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(version.MajorMinor(1, uint(minor))))
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range expressionsOf(set.policy) {
				if problem := compile(compiler, one); problem != nil {
					t.Errorf("%s, CEL of 1.%d, %s: %v", set.name, minor, one.place, problem)
				}
			}
		}
	}
}

func compile(compiler *plugincel.CompositedCompiler, one expression) *apiservercel.Error {
	if one.variable != "" {
		return compiler.CompileAndStoreVariable(one.accessor.(plugincel.NamedExpressionAccessor), one.options, environment.NewExpressions).Error
	}
	return compiler.CompileCELExpression(one.accessor, one.options, environment.NewExpressions).Error
}

// typed compiles with the Pod's OpenAPI schema in place of "any object": a field that no Pod has, or text where a number stands, is an error. The API
// server checks ValidatingAdmissionPolicies so (validating.TypeChecker), mutating ones not at all.
type typed struct{ composed *plugincel.CompositedCompiler }

func (c typed) CompileCELExpression(one plugincel.ExpressionAccessor, options plugincel.OptionalVariableDeclarations, mode environment.Type) plugincel.CompilationResult {
	failed := func(kind apiservercel.ErrorType, detail string) plugincel.CompilationResult {
		return plugincel.CompilationResult{ExpressionAccessor: one, Error: &apiservercel.Error{Type: kind, Detail: detail}}
	}
	env, err := c.composed.Env(mode)
	if err == nil && options.HasPatchTypes {
		env, err = env.Extend(common.ResolverEnvOption(&mutation.DynamicTypeResolver{}))
	}
	if err != nil {
		return failed(apiservercel.ErrorTypeInternal, err.Error())
	}
	tree, issues := env.Compile(one.GetExpression())
	if issues.Err() != nil {
		return failed(apiservercel.ErrorTypeInvalid, issues.String())
	}
	return plugincel.CompilationResult{ExpressionAccessor: one, OutputType: tree.OutputType()}
}

func typedCompiler(t *testing.T) *plugincel.CompositedCompiler {
	t.Helper()
	schema, err := (&resolver.ClientDiscoveryResolver{Discovery: schemas{}}).ResolveSchema(podKind)
	if err != nil {
		t.Fatal(err)
	}
	pod := common.SchemaDeclType(&celopenapi.Schema{Schema: schema}, true).MaybeAssignTypeName("Pod")
	request, namespace := plugincel.BuildRequestType(), plugincel.BuildNamespaceType()
	env, err := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()).Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions: []cel.EnvOption{
			cel.Variable(plugincel.ObjectVarName, pod.CelType()),
			cel.Variable(plugincel.RequestVarName, request.CelType()),
			cel.Variable(plugincel.NamespaceVarName, namespace.CelType()),
		},
		DeclTypes: []*apiservercel.DeclType{pod, request, namespace},
	})
	if err != nil {
		t.Fatal(err)
	}
	compiler, err := plugincel.NewCompositedCompilerForTypeChecking(env)
	if err != nil {
		t.Fatal(err)
	}
	compiler.Compiler = typed{compiler}
	return compiler
}

func TestExpressionsFitThePodSchema(t *testing.T) {
	for _, set := range readRendered(t) {
		compiler := typedCompiler(t)
		for _, one := range expressionsOf(set.policy) {
			if problem := compile(compiler, one); problem != nil {
				t.Errorf("%s, %s: %v", set.name, one.place, problem)
			}
		}
	}
}

// That the check above sees anything.
func TestTypeCheckSeesWhatNoPodHas(t *testing.T) {
	compiler := typedCompiler(t)
	for _, wrong := range []string{
		`object.spec.container.size() > 0`,
		`object.spec.containers[0].nam == 'x'`,
		`object.spec.containers[0].ports[0].containerPort == 'http'`,
		`object.metadata.labels['a'] == 1`,
		`variables.unknown`,
	} {
		if problem := compile(compiler, expression{wrong, &matchconditions.MatchCondition{Expression: wrong}, plugincel.OptionalVariableDeclarations{}, ""}); problem == nil {
			t.Errorf("taken: %s", wrong)
		}
	}
}
