// Command picture draws what a command printed on a terminal as an SVG: it
// reads text with ANSI colours on standard input and writes the picture of a
// terminal window to standard output.
//
//	weir demo | picture -command 'weir demo' > docs/picture.svg
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("picture", flag.ContinueOnError)
	var p picture
	flags.StringVar(&p.title, "title", "weir", "what the window's bar says")
	flags.StringVar(&p.command, "command", "", "the command to show after a prompt, above its output")
	flags.IntVar(&p.columns, "columns", 80, "the narrowest the window may be")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read the text: %w", err)
	}
	p.lines = newScreen(string(text)).lines()
	if len(p.lines) == 0 {
		return fmt.Errorf("there is no text on standard input to draw")
	}
	if _, err := io.WriteString(out, p.svg()); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}
