package main

import (
	"fmt"
	"math"
	"path/filepath"

	lua "github.com/yuin/gopher-lua"
)

// luaFilter gives each event to a function of a Lua script.
type luaFilter struct {
	selector
	script, call string
	state        *lua.LState
	function     *lua.LFunction
	isMap        *lua.LTable // metatable of the tables that the function gets
	isArray      *lua.LTable
}

// The types in a table's metatable.
const (
	luaArray = 1
	luaMap   = 2
)

// The function's first result.
const (
	luaDrop    = -1
	luaKeep    = 0
	luaChanged = 1
	luaRecord  = 2 // changed, except for the time
)

func (l *loader) lua(where string, entries []entry) error {
	f := &luaFilter{}
	l.config.filters = append(l.config.filters, f)
	err := f.settings().and(ignored("alias", "protected_mode")).and(settings{
		"script":        text(&f.script),
		"call":          text(&f.call),
		"time_as_table": only("false", "off"),
	}).apply(where, entries)
	if err != nil {
		return err
	}
	if !filepath.IsAbs(f.script) {
		f.script = filepath.Join(l.config.directory, f.script)
	}
	f.state = lua.NewState()
	if err := f.state.DoFile(f.script); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	var isFunction bool
	if f.function, isFunction = f.state.GetGlobal(f.call).(*lua.LFunction); !isFunction {
		return fmt.Errorf("%s: %s has no function %q", where, f.script, f.call)
	}
	f.isMap, f.isArray = f.metatable(luaMap), f.metatable(luaArray)
	return nil
}

func (f *luaFilter) metatable(of int) *lua.LTable {
	table := f.state.NewTable()
	table.RawSetString("type", lua.LNumber(of))
	return table
}

func (f *luaFilter) apply(tag string, events []event) ([]event, error) {
	result := make([]event, 0, len(events))
	for _, one := range events {
		changed, err := f.run(tag, one)
		if err != nil {
			return nil, &luaError{f.call, f.script, err}
		}
		result = append(result, changed...)
	}
	return result, nil
}

func (f *luaFilter) run(tag string, one event) ([]event, error) {
	time := lua.LNumber(float64(one.seconds) + float64(one.nanoseconds)/1000000000)
	how := lua.P{Fn: f.function, NRet: 3, Protect: true}
	if err := f.state.CallByParam(how, lua.LString(tag), time, f.toLua(one.record)); err != nil {
		return nil, err
	}
	code, when, value := f.state.Get(-3), f.state.Get(-2), f.state.Get(-1)
	f.state.Pop(3)
	number, isNumber := code.(lua.LNumber)
	if !isNumber {
		return nil, fmt.Errorf("the first result must be a number, not %s", code.Type())
	}
	switch int(number) {
	case luaDrop:
		return nil, nil
	case luaKeep:
		return []event{one}, nil
	case luaChanged:
		seconds, isTime := when.(lua.LNumber)
		if !isTime {
			return nil, fmt.Errorf("the second result must be a time, not %s", when.Type())
		}
		one.seconds = int64(seconds)
		one.nanoseconds = int64((float64(seconds) - float64(one.seconds)) * 1000000000)
	case luaRecord:
	default:
		return nil, fmt.Errorf("the first result must be -1, 0, 1 or 2, not %s", number)
	}
	return f.records(one, value)
}

// records makes one event from a map, and one for each item of an array.
func (f *luaFilter) records(one event, value lua.LValue) ([]event, error) {
	result, err := fromLua(value)
	if err != nil {
		return nil, err
	}
	items, isList := result.([]any)
	if !isList {
		items = []any{result}
	}
	var events []event
	for _, item := range items {
		isRecord := false
		if one.record, isRecord = item.(record); !isRecord {
			return nil, fmt.Errorf("the third result must be a table of a record or of records, not %s", value.Type())
		}
		events = append(events, one)
	}
	return events, nil
}

func (f *luaFilter) toLua(value any) lua.LValue {
	switch value := value.(type) {
	case bool:
		return lua.LBool(value)
	case int64:
		return lua.LNumber(value)
	case uint64:
		return lua.LNumber(int64(float64(value)))
	case float64:
		return lua.LNumber(value)
	case string:
		return lua.LString(value)
	case []any:
		table := f.state.CreateTable(len(value), 0)
		for i, one := range value {
			table.RawSetInt(i+1, f.toLua(one))
		}
		table.Metatable = f.isArray
		return table
	case record:
		table := f.state.CreateTable(0, len(value))
		for _, one := range value {
			table.RawSetString(one.key, f.toLua(one.value))
		}
		table.Metatable = f.isMap
		return table
	}
	return lua.LNil
}

func fromLua(value lua.LValue) (any, error) {
	switch value := value.(type) {
	case *lua.LNilType:
		return nil, nil
	case lua.LBool:
		return bool(value), nil
	case lua.LString:
		return string(value), nil
	case lua.LNumber:
		number := float64(value)
		if isWhole(number) {
			return int64(number), nil
		}
		if math.IsNaN(number) || math.IsInf(number, 0) {
			return nil, fmt.Errorf("%v is not a number that JSON can hold", number)
		}
		return number, nil
	case *lua.LTable:
		return fromTable(value)
	}
	return nil, fmt.Errorf("a value of the type %s cannot be in a record", value.Type())
}

// fromTable converts a table to the type that its metatable gives. Without a metatable, it is an array if it has a
// first item.
func fromTable(table *lua.LTable) (any, error) {
	kind, length := 0, 0
	if meta, has := table.Metatable.(*lua.LTable); has {
		if number, isNumber := meta.RawGetString("type").(lua.LNumber); isNumber {
			kind = int(number)
		}
	}
	switch {
	case kind == luaArray:
		length = table.Len()
	case kind == 0:
		length = table.MaxN()
	}
	if kind == luaArray || length > 0 {
		items := make([]any, length)
		for i := range items {
			item, err := fromLua(table.RawGetInt(i + 1))
			if err != nil {
				return nil, err
			}
			items[i] = item
		}
		return items, nil
	}
	return fromMap(table)
}

func fromMap(table *lua.LTable) (any, error) {
	result := make(record, 0, 48)
	var failure error
	table.ForEach(func(key, value lua.LValue) {
		name, isText := key.(lua.LString)
		if !isText {
			failure = fmt.Errorf("a key of the type %s cannot be in a record", key.Type())
			return
		}
		item, err := fromLua(value)
		if err != nil {
			failure = fmt.Errorf("%s: %w", name, err)
			return
		}
		result = append(result, pair{string(name), item})
	})
	return result, failure
}

// luaError is an error of the script. Fluent Bit would send the events unchanged, without ids. This program ends
// instead.
type luaError struct {
	call, script string
	cause        error
}

func (e *luaError) Error() string {
	return fmt.Sprintf("the Lua function %s in %s: %v", e.call, e.script, e.cause)
}
