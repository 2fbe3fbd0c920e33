// Command pulumi-language-nodejs starts Node.js programs and policy packs for the Pulumi engine.
//
// Every official Pulumi release carries a language host of this name, and that one is always preferred. It is
// not served as a Go module, so an engine built from its module has none: this small one takes its place. It
// starts Pulumi's own entry points (`@pulumi/pulumi/cmd/run` and `…/cmd/run-policy-pack`) and nothing else;
// code generation, conversion, debugging and plugins written in Node.js answer "unimplemented".
//
// Protocol: https://github.com/pulumi/pulumi/blob/v3.276.0/proto/pulumi/language.proto
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// hostVersion is what the host answers to GetPluginInfo: the Pulumi version whose protocol it speaks.
const hostVersion = "3.276.0"

// engineCheckInterval is how often the host asks whether the engine still lives: it must not outlive an engine that was
// killed and could not say goodbye.
const engineCheckInterval = 10 * time.Second

func main() {
	tracing := flag.String("tracing", "", "tracing endpoint, handed to the program")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *showVersion {
		fmt.Println(hostVersion)
		return
	}
	if err := serve(flag.Arg(0), *tracing); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-nodejs:", err)
		os.Exit(1)
	}
}

// serve answers the engine on a free port, printed on stdout for it, until the engine is gone or interrupts.
func serve(engineAddress, tracing string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if engineAddress != "" {
		if err := rpcutil.Healthcheck(ctx, engineAddress, engineCheckInterval, stop); err != nil {
			return fmt.Errorf("cannot reach the engine at %s: %w", engineAddress, err)
		}
	}
	host := newHost(engineAddress, tracing)
	cancel := make(chan bool)
	go func() {
		<-ctx.Done()
		host.cancelAll()
		close(cancel)
	}()
	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(srv *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(srv, host)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("cannot listen on the loopback interface: %w", err)
	}
	fmt.Println(server.Port)
	return <-server.Done
}
