//go:build tools

// Package tools imports the command that this module builds.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
