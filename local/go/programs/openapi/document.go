// Package libopenapi takes the place of github.com/pb33f/libopenapi in the build of Pulumi's engine.
//
// One command of the engine reads an OpenAPI document: `pulumi api`, which asks Pulumi Cloud. The local environment keeps its
// state in files and never runs it. The real library takes an eighth of the time in which all programs are compiled. This one
// has the types that the command names, and refuses every document, so `pulumi api` fails and says why.
package libopenapi

import (
	"errors"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// Document is an OpenAPI document. There never is one here.
type Document struct{}

// Model is a document's content.
type Model struct{ Model v3.Document }

// NewDocument refuses every document.
func NewDocument([]byte) (*Document, error) {
	return nil, errors.New("this engine was built for a local environment, without `pulumi api`")
}

// BuildV3Model is never reached.
func (*Document) BuildV3Model() (*Model, error) { return nil, errors.ErrUnsupported }
