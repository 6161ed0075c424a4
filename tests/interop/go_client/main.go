// The client of the Go checks: the access key id that a profile gives, or that a program finds
// that is told nothing.
//
// usage: go-client [PROFILE]
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
)

func main() {
	options := []func(*config.LoadOptions) error{}
	if len(os.Args) > 1 {
		options = append(options, config.WithSharedConfigProfile(os.Args[1]))
	}
	loaded, err := config.LoadDefaultConfig(context.Background(), options...)
	if err == nil {
		credentials, failed := loaded.Credentials.Retrieve(context.Background())
		fmt.Println(credentials.AccessKeyID, loaded.Region)
		err = failed
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
