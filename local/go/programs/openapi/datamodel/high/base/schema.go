// Package base has the schemas of a document.
package base

import (
	"errors"

	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// SchemaProxy refers to a schema.
type SchemaProxy struct{}

// Schema finds none.
func (*SchemaProxy) Schema() *Schema { return nil }

// Discriminator says which schema a value has.
type Discriminator struct {
	PropertyName string
	Mapping      *orderedmap.Map[string, string]
}

// SchemaOrBool is a schema or a boolean.
type SchemaOrBool struct{ A *SchemaProxy }

// IsA is true for a schema.
func (*SchemaOrBool) IsA() bool { return false }

// Low is a schema as it is written.
type Low struct{}

// Hash is the same for all.
func (*Low) Hash() uint64 { return 0 }

// Schema is a JSON schema.
type Schema struct {
	Type                 []string
	Format               string
	Description          string
	Pattern              string
	Nullable, ReadOnly   *bool
	MinLength, MaxLength *int64
	Minimum, Maximum     *float64
	MultipleOf           *float64
	Default              *yaml.Node
	Enum                 []*yaml.Node
	Required             []string
	AllOf, OneOf, AnyOf  []*SchemaProxy
	Items                *SchemaOrBool
	AdditionalProperties *SchemaOrBool
	Properties           *orderedmap.Map[string, *SchemaProxy]
	Discriminator        *Discriminator
	Extensions           *orderedmap.Map[string, *yaml.Node]
}

// GoLow finds none.
func (*Schema) GoLow() *Low { return nil }

// MarshalJSONInline is never reached.
func (*Schema) MarshalJSONInline() ([]byte, error) { return nil, errors.ErrUnsupported }
