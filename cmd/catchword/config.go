package main

import (
	"fmt"

	"github.com/kelseyhightower/envconfig"
)

// A config is what the environment says: each field from the variable CATCHWORD_ and its name.
type config struct {
	Database string `default:"sqlite:data/catchword.db"`
	Archive  string `default:"archive"` // the folder below which each chat has its own
}

func readConfig() (config, error) {
	var c config
	if err := envconfig.Process("catchword", &c); err != nil {
		return config{}, fmt.Errorf("read the environment: %w", err)
	}
	return c, nil
}
