// Package v3 has the parts of an OpenAPI document of version 3.
package v3

import (
	"github.com/pb33f/libopenapi/datamodel/high/base"
	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// Document is a whole document.
type Document struct {
	Info       *Info
	Paths      *Paths
	Components *Components
}

// Info describes the document.
type Info struct{ Version string }

// Components has the schemas that others refer to.
type Components struct {
	Schemas *orderedmap.Map[string, *base.SchemaProxy]
}

// Paths has the addresses.
type Paths struct {
	PathItems *orderedmap.Map[string, *PathItem]
}

// PathItem has the operations at an address.
type PathItem struct {
	Get, Put, Post, Delete, Options, Head, Patch, Trace *Operation
}

// Operation is one request.
type Operation struct {
	OperationId, Summary, Description string
	Tags                              []string
	Deprecated                        *bool
	Parameters                        []*Parameter
	RequestBody                       *RequestBody
	Responses                         *Responses
	Extensions                        *orderedmap.Map[string, *yaml.Node]
}

// Parameter is one of a request.
type Parameter struct {
	Name, In, Description string
	Required              *bool
	Schema                *base.SchemaProxy
}

// RequestBody is the content of a request.
type RequestBody struct {
	Content *orderedmap.Map[string, *MediaType]
}

// Responses has the answers by their status.
type Responses struct {
	Codes   *orderedmap.Map[string, *Response]
	Default *Response
}

// Response is one answer.
type Response struct {
	Description string
	Content     *orderedmap.Map[string, *MediaType]
}

// MediaType is content of one form.
type MediaType struct{ Schema *base.SchemaProxy }
