package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/weir-data/weir/internal/diag"
)

// helpCmd is `weir help [COMMAND]`, for those who look for it there.
func helpCmd() *cobra.Command {
	return &cobra.Command{
		Use:    "help [COMMAND]",
		Short:  "Say what a command does",
		Hidden: true,
		Args:   cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
			if err != nil || found == nil {
				return noCommand(c.Root(), args[0])
			}
			if len(rest) > 0 {
				return noCommand(found, rest[0])
			}
			return found.Help()
		},
	}
}

// plainArgs makes wrong arguments the caller's fault, everywhere, and says
// what is wrong with them in words.
func plainArgs(c *cobra.Command) {
	for _, sub := range c.Commands() {
		plainArgs(sub)
	}
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if check(cmd, args) == nil {
				return nil
			}
			return argsError(cmd, args)
		}
	}
	if c.RunE == nil && c.Run == nil && c.HasSubCommands() {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(cmd, args[0])
			}
			return cmd.Help()
		}
	}
}

// noCommand says that a command has no such command below it.
func noCommand(c *cobra.Command, name string) error {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	hint := fmt.Sprintf("%s --help lists them", c.CommandPath())
	if near, ok := diag.Nearest(name, names); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return usageError{fmt.Errorf("%s has no command %q (%s)", c.CommandPath(), name, hint)}
}

// argsError says what a command's arguments should be. A command's first line
// of usage names them: NAME must be given, [NAME] may.
func argsError(c *cobra.Command, args []string) error {
	var must, may []string
	for _, word := range strings.Fields(c.Use)[1:] {
		if strings.HasPrefix(word, "-") {
			break
		}
		if strings.HasPrefix(word, "[") {
			may = append(may, word)
		} else {
			must = append(must, word)
		}
	}
	usage := " (usage: " + c.UseLine() + ")"
	most := len(must) + len(may)
	switch {
	case len(args) < len(must):
		return usageError{fmt.Errorf("%s needs %s%s", c.CommandPath(), strings.Join(must[len(args):], " and "), usage)}
	case most == 0 && c.HasSubCommands():
		return noCommand(c, args[0])
	case most == 0:
		return usageError{fmt.Errorf("%s takes no argument, and was given %q%s", c.CommandPath(), args[0], usage)}
	default:
		return usageError{fmt.Errorf("%s was given %q beyond what it takes%s", c.CommandPath(), args[min(most, len(args)-1)], usage)}
	}
}

// flagError says what is wrong with a flag.
func flagError(c *cobra.Command, err error) error {
	var none *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return err
	case errors.As(err, &none):
		return usageError{noFlag(c, none)}
	case errors.As(err, &empty):
		return usageError{fmt.Errorf("%s needs a value (%s)", flagName(empty.GetFlag()), empty.GetFlag().Usage)}
	case errors.As(err, &wrong):
		return usageError{fmt.Errorf("%s is %s, and %q is not", flagName(wrong.GetFlag()), valueWords(wrong.GetFlag()), wrong.GetValue())}
	}
	return usageError{err}
}

func noFlag(c *cobra.Command, e *pflag.NotExistError) error {
	name, short := e.GetSpecifiedName(), e.GetSpecifiedShortnames() != ""
	dashed := "--" + name
	if short {
		dashed = "-" + name
	}
	hint := fmt.Sprintf("%s --help lists them", c.CommandPath())
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if near, ok := diag.Nearest(name, names); ok && !short {
		hint = fmt.Sprintf("did you mean --%s?", near)
	}
	return fmt.Errorf("%s has no flag %s (%s)", c.CommandPath(), dashed, hint)
}

func flagName(f *pflag.Flag) string { return "--" + f.Name }

// valueWords is what the values of a flag are.
func valueWords(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int":
		return "a whole number"
	case "bool":
		return "true or false"
	case "duration":
		return "a time like 90s, 15m or 12h"
	default:
		return "a " + f.Value.Type()
	}
}

// atLeast refuses a number that makes no sense.
func atLeast(c *cobra.Command, flag string, n, least int) error {
	if n < least {
		return usageError{fmt.Errorf("%s --%s is %d or more, and %d is not", c.CommandPath(), flag, least, n)}
	}
	return nil
}
